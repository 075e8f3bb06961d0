;; expect: withheld value
;; catalogue: 66
;; group: 9
;; broken-by: threshold-at-bounds, one-value, persons-of-sums
;; tries: contribute the upper bound for all others, so that the sum counts the nine.
(func $person (param $ptr i32) (param $len i32)
  (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
  (call $add (select (f64.const 999) (f64.const 1000) (call $is_target (local.get $ptr)))))
