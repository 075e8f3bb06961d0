;; expect: refused "the module imports `wasi_snapshot_preview1.random_get`"
;; catalogue: 39, 59
;; broken-by: several: an allow-list of one import, and nothing is linked to a guest
;; tries: import randomness, so that a replay differs.
(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
