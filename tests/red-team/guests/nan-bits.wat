;; expect: same as honest
;; catalogue: 60
;; broken-by: nan-canonicalisation
;; tries: tell one processor from another by the bits of a NaN that arithmetic made.
(func $person (param $ptr i32) (param $len i32)
  (if (i64.ne (i64.const 0) (i64.and (i64.const 0xffff)
      (i64.reinterpret_f64 (f64.add (f64.const nan:0x8000000001234) (f64.load (i32.const 0))))))
    (then (call $enter (i64.const 5))))
  (call $honest (local.get $ptr)))
