;; expect: dropped
;; catalogue: 4, 31
;; broken-by: several: an instance that ran dry is thrown away, and memory is restored besides
;; tries: write everywhere until the fuel ends between a store and its note.
(func $person (param $ptr i32) (param $len i32)
  (local $at i32)
  (if (i32.load (i32.const 65536)) (then (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr))
    (then
      (loop $ever
        (i64.store (i32.add (i32.const 65536) (local.get $at)) (i64.const 1))
        (local.set $at (i32.and (i32.add (local.get $at) (i32.const 264)) (i32.const 0x7ff8)))
        (br $ever))))
  (call $honest (local.get $ptr)))
