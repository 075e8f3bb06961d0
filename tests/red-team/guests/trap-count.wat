;; expect: unseen
;; catalogue: 70
;; group: 40
;; broken-by: absence: no number of traps ends a run or is told
;; tries: trap over everybody with the secret, so that too many traps end the run.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then unreachable))
  (call $contribute (i32.const 0) (i64.const 0) (f64.const 1)))
