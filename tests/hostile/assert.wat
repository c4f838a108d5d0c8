;; Says that an assertion failed, with whatever pointers the host asks for, and lies about its stack.
(module
  (import "sandbox" "assert_fail" (func $fail (param i32 i32 i32 i32)))
  (memory (export "memory") 1 1)
  (global $stack_pointer (export "__stack_pointer") (mut i32) (i32.const 4096))
  (data (i32.const 8) "x > 0\00")
  (data (i32.const 16) "a.c\00")
  (data (i32.const 24) "check\00")
  ;; What drives a terminal, what turns text around, and what is no UTF-8.
  (data (i32.const 32) "\1b[2J\0a\e2\80\ae\ff\00")
  ;; Without an end, up to the end of memory.
  (data (i32.const 65530) "no end")
  ;; An endless one: as long as memory goes.
  (func (export "fill") (memory.fill (i32.const 1024) (i32.const 97) (i32.const 64506)))
  (func $says (export "fail") (param i32 i32 i32 i32)
    (call $fail (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "store_outside") (param $stack i32)
    (global.set $stack_pointer (local.get $stack))
    (i32.store (i32.const -4) (i32.const 1)))
)
