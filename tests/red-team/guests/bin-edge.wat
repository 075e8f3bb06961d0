;; expect: bounded
;; catalogue: 15
;; broken-by: absence: the edges of a bin are the study file's, and only its number is kept
;; tries: put the secret into the distance between a value and the edge of its bin.
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr))
  (if (call $is_target (local.get $ptr))
    (then (call $contribute (i32.const 4) (i64.const 0) (f64.const 0x1.3fffffffffff7p3)))))
