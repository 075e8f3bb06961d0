;; expect: same as honest
;; catalogue: 3
;; broken-by: globals, comparison
;; tries: raise a flag over the target, which sends everybody called later to another cell.
(global $seen (mut i32) (i32.const 0))
(func $person (param $ptr i32) (param $len i32)
  (if (global.get $seen) (then (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr)) (then (global.set $seen (i32.const 1))))
  (call $honest (local.get $ptr)))
