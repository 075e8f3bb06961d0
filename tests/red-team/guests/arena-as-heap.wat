;; expect: same as honest
;; catalogue: 63, 64
;; broken-by: several: the whole arena is written before each call, and memory is restored
;; tries: hand out the arena as heap, and leave there what everybody called later reads.
(func $person (param $ptr i32) (param $len i32)
  (local $far i32)
  (local.set $far (i32.add (local.get $ptr) (i32.const 480)))
  (if (i32.load (local.get $far)) (then (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr)) (then (i32.store (local.get $far) (i32.const 1))))
  (call $honest (local.get $ptr)))
