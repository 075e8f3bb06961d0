;; expect: refused "malformed or uses a feature that guests may not"
;; catalogue: 59
;; broken-by: several: the proposal is off in parser and engine
;; tries: declare pages of one byte, so that memory ends where no guard page stands.
(memory $memory (export "memory") 131072 (pagesize 1))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
