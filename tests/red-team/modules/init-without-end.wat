;; expect: refused "`cloister_v1_init` trapped or contributed"
;; catalogue: modules
;; broken-by: several: fuel, and the compiler's limits on time
;; tries: loop for ever in init, before there is a person whose fuel is counted.
(func $init (param $ptr i32) (param $len i32) (loop $ever (br $ever)))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
