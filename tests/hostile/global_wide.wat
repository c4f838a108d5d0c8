;; Says where its variable is with a number that is no address.
(module
  (memory (export "memory") 1)
  (global (export "level") i64 (i64.const 16)))
