;; control: the target adds the upper bound once.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then (call $add (f64.const 1000))))
  (call $honest (local.get $ptr)))
