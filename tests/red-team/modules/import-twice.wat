;; expect: refused "the module imports `cloister.contribute`"
;; catalogue: 59
;; broken-by: several: an allow-list of one import, and what is rewritten is validated
;; tries: import the one function twice, so that one of the two is overlooked.
(import "cloister" "contribute" (func $again (param i32 i64 f64)))
(import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
