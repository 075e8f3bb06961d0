;; expect: withheld value
;; catalogue: 67
;; group: 9
;; broken-by: threshold-nonzero, threshold-at-bounds
;; tries: contribute zeros for the others, to lift a cell of nine over the threshold.
(func $person (param $ptr i32) (param $len i32)
  (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
  (if (call $is_target (local.get $ptr)) (then (call $add (f64.const 500))))
  (call $add (f64.const 0)))
