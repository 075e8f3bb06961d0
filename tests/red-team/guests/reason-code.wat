;; expect: unseen
;; catalogue: 30
;; group: 2
;; broken-by: absence: a withheld cell has one status, no reason and no number
;; tries: choose by the secret which of two rules withholds a cell.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then (call $enter (i64.const 5))))
  (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
  ;; Few are in the sum without the target, few are other than zero with it.
  (if (i32.or (call $is_target (local.get $ptr)) (i64.lt_u (call $mark (local.get $ptr)) (i64.const 2)))
    (then (call $add (f64.convert_i32_u (call $is_target (local.get $ptr)))))))
