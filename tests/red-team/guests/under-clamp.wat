;; expect: bounded
;; catalogue: 9, 41
;; broken-by: clamp, sound-cells
;; tries: add -1e300 for the target, below a bound of zero, to pull the sum down.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then (call $add (f64.const -1e300))))
  (call $honest (local.get $ptr)))
