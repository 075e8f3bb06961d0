;; expect: refused "the module imports `env.ordinal`"
;; catalogue: 6, 59
;; broken-by: several: an allow-list of one import, and nothing is linked to a guest
;; tries: import a mutable global, which the host could forget to reset.
(import "env" "ordinal" (global $ordinal (mut i64)))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
