;; expect: withheld value
;; catalogue: 66, 40
;; broken-by: threshold-nonzero, threshold-at-bounds, dominance, one-value
;; tries: multiply everybody's value by whether it is the target, and take the sum.
(func $person (param $ptr i32) (param $len i32)
  (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
  (call $add (f64.convert_i64_s
    (i64.mul (i64.const 500) (call $secret (local.get $ptr))))))
