;; expect: refused "malformed or uses a feature that guests may not"
;; catalogue: 60
;; broken-by: several: the proposal is off in parser and engine
;; tries: tell one processor from another by an operation that each may do its own way.
(func $person (param $ptr i32) (param $len i32)
  (if (v128.any_true (f32x4.relaxed_madd
      (v128.const f32x4 1 1 1 1) (v128.const f32x4 1 1 1 1) (v128.const f32x4 1 1 1 1)))
    (then (call $enter (i64.const 5)))))
