;; expect: dropped
;; catalogue: 31, 33
;; broken-by: absence: no fuel used and no trap is told
;; tries: trap over the target, but only after all work is done and most fuel spent.
(func $person (param $ptr i32) (param $len i32)
  (local $times i32)
  (call $honest (local.get $ptr))
  (loop $again
    (local.set $times (i32.add (local.get $times) (i32.const 1)))
    (br_if $again (i32.lt_u (local.get $times) (i32.const 12000))))
  (if (call $is_target (local.get $ptr)) (then unreachable)))
