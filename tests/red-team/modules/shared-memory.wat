;; expect: refused "malformed or uses a feature that guests may not"
;; catalogue: 59
;; broken-by: several: threads are off in the parser, and left out of the engine
;; tries: share its memory with a thread.
(memory $memory (export "memory") 2 4 shared)
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
