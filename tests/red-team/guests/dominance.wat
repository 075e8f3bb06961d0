;; expect: withheld value
;; catalogue: 40
;; persons: 53
;; broken-by: dominance
;; tries: sum values of which two persons have nearly all, so that each learns the other's.
(func $person (param $ptr i32) (param $len i32)
  (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
  (call $add (select (f64.const 999) (f64.const 1)
    (i64.eq (call $mark (local.get $ptr)) (i64.const 19)))))
