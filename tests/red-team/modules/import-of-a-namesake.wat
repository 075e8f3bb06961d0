;; expect: refused "the module imports `env.contribute`"
;; catalogue: 59
;; broken-by: imports
;; tries: import the function of the right type from another module, whosever that may be.
(import "env" "contribute" (func $contribute (param i32 i64 f64)))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
