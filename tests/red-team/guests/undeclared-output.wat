;; expect: dropped
;; catalogue: 13
;; broken-by: declared-cells
;; tries: contribute to an output that the study file does not declare.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then (call $contribute (i32.const 77) (i64.const 0) (f64.const 1))))
  (call $honest (local.get $ptr)))
