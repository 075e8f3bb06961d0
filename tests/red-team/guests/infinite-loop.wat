;; expect: dropped
;; catalogue: modules
;; broken-by: several: fuel, and behind it a clock that ends the run for everybody
;; tries: loop for ever over the target, so that the run never ends.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then (loop $ever (br $ever))))
  (call $honest (local.get $ptr)))
