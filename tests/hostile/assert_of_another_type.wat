;; Imports what a failed assertion calls, as a function of another type that goes on.
(module
  (import "sandbox" "assert_fail" (func $fail (param i64) (result i32)))
  (memory (export "memory") 1)
  (func (export "add") (param i32 i32) (result i32) (call $fail (i64.const 1)))
)
