;; expect: dropped
;; catalogue: 33
;; broken-by: absence: no count of traps, and no exit code, log or status that a trap changes
;; tries: trap for the target alone, so that the end of the run tells one bit.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then unreachable))
  (call $honest (local.get $ptr)))
