;; expect: refused "`cloister_v1_arena` trapped"
;; catalogue: modules
;; broken-by: several: fuel, and the compiler's limits on time
;; tries: loop for ever when asked for an arena.
(func $arena (param $len i32) (result i32) (loop $ever (br $ever)) (i32.const 0))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
