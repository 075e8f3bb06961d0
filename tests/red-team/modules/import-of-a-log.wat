;; expect: refused "the module imports `env.log`"
;; catalogue: 35, 59
;; broken-by: several: an allow-list of one import, and nothing is linked to a guest
;; tries: import a log that takes text.
(import "env" "log" (func $log (param i32 i32)))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
