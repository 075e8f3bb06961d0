;; expect: same as honest
;; catalogue: 4
;; broken-by: mark-fill, comparison
;; tries: leave marks with `memory.fill`, which is no store.
(func $person (param $ptr i32) (param $len i32)
  (if (i32.load8_u (i32.const 80000)) (then (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr))
    (then (memory.fill (i32.const 79000) (i32.const 1) (i32.const 3000))))
  (call $honest (local.get $ptr)))
