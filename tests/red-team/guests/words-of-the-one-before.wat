;; expect: bounded
;; catalogue: 4
;; broken-by: buffer-reset
;; tries: say something over the target that is taken as said by everybody called later.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then (call $enter (i64.const 5))))
  (call $contribute (i32.const 0) (i64.const 0) (f64.const 1)))
