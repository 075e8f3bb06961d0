;; expect: same as honest
;; catalogue: 4
;; broken-by: mark-lane, comparison
;; tries: leave a mark with a vector's lane, a store that is easily forgotten.
(func $person (param $ptr i32) (param $len i32)
  (if (i32.load8_u (i32.const 100001)) (then (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr))
    (then (v128.store16_lane 3 (i32.const 100000) (v128.const i64x2 -1 -1))))
  (call $honest (local.get $ptr)))
