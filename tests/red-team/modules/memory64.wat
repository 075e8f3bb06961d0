;; expect: refused "malformed or uses a feature that guests may not"
;; catalogue: 59
;; broken-by: several: the proposal is off in parser and engine
;; tries: use addresses of 64 bits, which guard pages do not cover.
(memory $memory (export "memory") i64 2)
(func $honest (param $ptr i32))
(func $secret (param $ptr i32) (result i64) (i64.const 0))
(func $mark (param $ptr i32) (result i64) (i64.const 0))
(func $person (param $ptr i32) (param $len i32))
