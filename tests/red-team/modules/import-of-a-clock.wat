;; expect: refused "the module imports `cloister.now`"
;; catalogue: 6, 31, 59
;; broken-by: several: an allow-list of one import, and nothing is linked to a guest
;; tries: import a clock from the host's own module.
(import "cloister" "now" (func $now (result i64)))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
