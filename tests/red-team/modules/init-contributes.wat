;; expect: refused "`cloister_v1_init` trapped or contributed"
;; catalogue: 5
;; broken-by: init-is-silent
;; tries: contribute in init, for which no person stands.
(func $init (param $ptr i32) (param $len i32) (call $enter (i64.const 5)))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
