;; expect: same as once-at-the-bound
;; catalogue: 9
;; broken-by: clamp, sound-cells
;; tries: add 1e300 for the target.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then (call $add (f64.const 1e300))))
  (call $honest (local.get $ptr)))
