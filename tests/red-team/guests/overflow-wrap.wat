;; expect: same as once-at-the-bound
;; catalogue: 12
;; broken-by: saturation
;; tries: drive one person's sum around the end of 64 bits, so that it comes out anywhere.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then (call $add (f64.const 9e18)) (call $add (f64.const 9e18))))
  (call $honest (local.get $ptr)))
