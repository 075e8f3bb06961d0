;; expect: unseen
;; catalogue: 1
;; broken-by: threshold-persons
;; tries: enter an empty cell for the target alone.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then (call $enter (i64.const 5))))
  (call $honest (local.get $ptr)))
