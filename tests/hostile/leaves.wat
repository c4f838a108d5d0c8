;; A guest that leaves as much as it can to the next one in its place, and looks for what the last one has left.
;; Of a size that no other guest has, so that a test finds it among the mappings of the process.
(module
  (memory (export "memory") 131)
  ;; More than the 512 entries that fit into a page.
  (table (export "__indirect_function_table") 2000 funcref)
  (elem declare func $answer)
  (type $call (func (param i32) (result i32)))
  (func $answer (type $call) (i32.const 42))
  ;; Writes to all of its memory.
  (func (export "fill") (param $secret i64)
    (local $at i32) (local $end i32)
    (local.set $end (i32.mul (memory.size) (i32.const 65536)))
    (loop $again
      (i64.store (local.get $at) (local.get $secret))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $again (i32.lt_u (local.get $at) (local.get $end)))))
  ;; Writes to a part of it.
  (func (export "fill_part") (param $at i32) (param $bytes i32)
    (memory.fill (local.get $at) (i32.const 0xa5) (local.get $bytes)))
  (func (export "grow") (param $pages i32) (result i32) (memory.grow (local.get $pages)))
  ;; Counts the words of its memory that are not zero.
  (func (export "leftovers") (result i32)
    (local $at i32) (local $end i32) (local $count i32)
    (local.set $end (i32.mul (memory.size) (i32.const 65536)))
    (loop $again
      (local.set $count (i32.add (local.get $count) (i64.ne (i64.load (local.get $at)) (i64.const 0))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $again (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $count))
  (func (export "set_slots")
    (table.fill (i32.const 0) (ref.func $answer) (table.size)))
  ;; Counts the entries of its table that are functions.
  (func (export "slots") (result i32)
    (local $at i32) (local $count i32)
    (loop $again
      (local.set $count (i32.add (local.get $count) (i32.eqz (ref.is_null (table.get (local.get $at))))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $at) (table.size))))
    (local.get $count))
  (func (export "call") (param $slot i32) (result i32)
    (call_indirect (type $call) (i32.const 1) (local.get $slot))))
