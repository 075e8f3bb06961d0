;; expect: dropped
;; catalogue: 33
;; broken-by: commit
;; tries: contribute for the target and trap afterwards, so that half a person counts.
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr))
  (call $enter (i64.const 5))
  (if (call $is_target (local.get $ptr)) (then unreachable)))
