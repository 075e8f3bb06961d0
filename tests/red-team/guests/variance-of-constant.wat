;; expect: withheld size
;; catalogue: 46
;; broken-by: one-value
;; tries: take the mean of what everybody has in common, so that it is each one's value.
(func $person (param $ptr i32) (param $len i32)
  (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
  (call $contribute (i32.const 3) (i64.const 0) (f64.const 30)))
