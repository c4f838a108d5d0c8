;; Exports a memory and nothing that the bindings declare.
(module (memory (export "memory") 1))
