;; expect: refused "the module imports `cloister.contribute`"
;; catalogue: 59, modules
;; broken-by: several: an allow-list of one import, and what is rewritten is validated
;; tries: import the right name with another type, so that host and guest read other arguments.
(import "cloister" "contribute" (func $wrong (param i32 i64 i64)))
(func $contribute (param i32 i64 f64))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
