;; expect: same as honest
;; catalogue: 4
;; broken-by: restore, comparison
;; tries: leave a byte in memory over the target, for everybody called later to find.
(func $person (param $ptr i32) (param $len i32)
  (if (i32.load8_u (i32.const 70000)) (then (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr)) (then (i32.store8 (i32.const 70000) (i32.const 1))))
  (call $honest (local.get $ptr)))
