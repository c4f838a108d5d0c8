;; A guest whose start function, or constructor, goes on for ever, or that has neither: build.rs makes three of it.
(module
  (memory (export "memory") 32)
  (func $spin (loop $again (br $again)))
  ;; (start $spin)
  (func (export "_initialize")
    ;; (call $spin)
  )
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
)
