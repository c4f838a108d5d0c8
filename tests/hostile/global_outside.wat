;; Says that its variables are at the end of memory, outside of it, and nowhere.
(module
  (memory (export "memory") 1)
  (global (export "last") i32 (i32.const 65535))
  (global (export "outside") i32 (i32.const -4))
  (global (export "nowhere") i32 (i32.const 0)))
