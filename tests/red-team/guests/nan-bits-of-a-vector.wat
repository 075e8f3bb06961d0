;; expect: same as honest
;; catalogue: 60
;; broken-by: nan-canonicalisation
;; tries: the same as nan-bits in a vector's lane.
(func $person (param $ptr i32) (param $len i32)
  (if (i32.ne (i32.const 0) (i32.and (i32.const 0xffff)
      (i32x4.extract_lane 2
        (f32x4.add (v128.const i32x4 0 0 0x7fc01234 0) (v128.load (i32.const 0))))))
    (then (call $enter (i64.const 5))))
  (call $honest (local.get $ptr)))
