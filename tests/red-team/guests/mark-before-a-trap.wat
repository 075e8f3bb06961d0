;; expect: dropped
;; catalogue: 4, 33
;; broken-by: several: an instance that trapped is thrown away, and memory is restored besides
;; tries: leave marks over the target and trap, so that nobody cleans up.
(global $seen (mut i32) (i32.const 0))
(func $person (param $ptr i32) (param $len i32)
  (if (i32.or (global.get $seen) (i32.load8_u (i32.const 70000)))
    (then (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr))
    (then
      (global.set $seen (i32.const 1))
      (i32.store8 (i32.const 70000) (i32.const 1))
      unreachable))
  (call $honest (local.get $ptr)))
