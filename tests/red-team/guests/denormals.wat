;; expect: same as honest
;; catalogue: 10
;; broken-by: several: values are whole steps of a grid, and no float is accumulated
;; tries: add minus zero and the smallest float, which slow a processor down or leave a sign.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then (call $add (f64.const -0.0)) (call $add (f64.const 0x1p-1074))))
  (call $honest (local.get $ptr)))
