;; expect: withheld value
;; catalogue: 66
;; group: 3
;; broken-by: threshold-nonzero, threshold-at-bounds, one-value
;; tries: contribute 0 or 1 to a sum over everybody, of which three are ones.
(func $person (param $ptr i32) (param $len i32)
  (call $add (f64.convert_i64_s (call $secret (local.get $ptr)))))
