;; Exports the declared function with another signature.
(module
  (memory (export "memory") 1)
  (func (export "add") (param i32) (result i64) (i64.const 0)))
