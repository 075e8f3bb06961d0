;; expect: dropped
;; catalogue: 15
;; broken-by: several: a value in no bin is void, and an output has no cell besides its bins
;; tries: contribute a value that is in no bin.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then (call $contribute (i32.const 4) (i64.const 0) (f64.const 20)) return))
  (call $honest (local.get $ptr)))
