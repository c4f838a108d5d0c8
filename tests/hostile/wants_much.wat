;; Starts with 512 MiB of memory.
(module
  (memory (export "memory") 8192)
  (func (export "add") (param i32 i32) (result i32) (i32.const 0)))
