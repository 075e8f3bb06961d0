;; expect: unseen
;; catalogue: 45
;; broken-by: threshold-persons
;; tries: have the target alone in the last bin, so that the end of the distribution is its value.
(func $person (param $ptr i32) (param $len i32)
  (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
  (call $contribute (i32.const 4) (i64.const 0)
    (select (f64.const 15) (f64.const 5) (call $is_target (local.get $ptr)))))
