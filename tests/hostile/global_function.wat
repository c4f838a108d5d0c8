;; Exports a function where a variable is declared.
(module
  (memory (export "memory") 1)
  (func (export "level")))
