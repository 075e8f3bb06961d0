;; expect: bounded
;; catalogue: 37
;; broken-by: absence: the charge is made of study file, parameters and published numbers, before
;;   anybody is called
;; tries: enter as many cells as it can over the target, so that the ledger charges more.
(func $person (param $ptr i32) (param $len i32)
  (local $cell i64)
  (if (call $is_target (local.get $ptr))
    (then
      (loop $next
        (call $enter (local.get $cell))
        (call $add (f64.const 1000))
        (local.set $cell (i64.add (local.get $cell) (i64.const 1)))
        (br_if $next (i64.lt_u (local.get $cell) (i64.const 7))))))
  (call $honest (local.get $ptr)))
