;; expect: dropped
;; catalogue: 10
;; broken-by: finite
;; tries: hide the secret in the bits of a NaN.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then
      (call $add (f64.reinterpret_i64
        (i64.or (i64.const 0x7ff8000000000000) (call $secret (local.get $ptr)))))
      return))
  (call $honest (local.get $ptr)))
