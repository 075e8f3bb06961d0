;; expect: same as honest
;; catalogue: 11
;; broken-by: grid
;; tries: add 1/4096 for the target and read it in the low bits of the sum.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then (call $add (f64.const 0x1p-12))))
  (call $honest (local.get $ptr)))
