;; expect: same as honest
;; catalogue: 2
;; broken-by: count-ignores-value, sound-cells
;; tries: count the target as a thousand persons by the value that comes with a count.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then (call $contribute (i32.const 0) (i64.const 0) (f64.const 1000))))
  (call $honest (local.get $ptr)))
