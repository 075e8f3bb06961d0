;; expect: dropped
;; catalogue: 10
;; broken-by: finite
;; tries: contribute infinities, of both signs, to whatever takes a value.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then
      (call $add (f64.const inf))
      (call $contribute (i32.const 3) (i64.const 0) (f64.const -inf))
      (call $contribute (i32.const 4) (i64.const 0) (f64.const inf))
      return))
  (call $honest (local.get $ptr)))
