;; expect: refused "memories, and must have one of its own"
;; catalogue: 59
;; broken-by: several: memories are counted, and the proposal is off in parser and engine
;; tries: keep what it knows in a second memory, which nobody restores.
(memory $memory (export "memory") 2)
(memory $second 1)
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
