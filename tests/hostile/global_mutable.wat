;; Says where its variable is with something that it can change.
(module
  (memory (export "memory") 1)
  (global (export "level") (mut i32) (i32.const 16)))
