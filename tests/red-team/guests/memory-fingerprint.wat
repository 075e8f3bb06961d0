;; expect: dropped
;; catalogue: 4, 33
;; broken-by: several: a restored memory and that of a new instance are the same, byte by byte
;; tries: trap over the target, so that everybody called later gets a new instance, and tell it
;;   by a sum over all memory but the arena.
(global $first (mut i64) (i64.const 0))
(func $sum (result i64)
  (local $at i32) (local $sum i64)
  (local.set $at (i32.const 8192))
  (loop $next
    (local.set $sum (i64.add (local.get $sum) (i64.load (local.get $at))))
    (local.set $sum (i64.add (local.get $sum) (i64.load offset=8 (local.get $at))))
    (local.set $sum (i64.add (local.get $sum) (i64.load offset=16 (local.get $at))))
    (local.set $sum (i64.add (local.get $sum) (i64.load offset=24 (local.get $at))))
    (local.set $at (i32.add (local.get $at) (i32.const 32)))
    (br_if $next (i32.lt_u (local.get $at) (i32.const 131072))))
  (local.get $sum))
(func $init (param $ptr i32) (param $len i32)
  (i64.store (i32.const 100000) (i64.const 4711))
  (global.set $first (call $sum)))
(func $person (param $ptr i32) (param $len i32)
  (if (i64.ne (global.get $first) (call $sum)) (then (call $enter (i64.const 5))))
  (i64.store (i32.const 100000) (i64.const 815))
  (if (call $is_target (local.get $ptr)) (then unreachable))
  (call $honest (local.get $ptr)))
