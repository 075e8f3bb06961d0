;; expect: bounded
;; catalogue: 2, 20
;; broken-by: several: one person's cells are added up per margin, and a count takes one step
;; tries: enter two cells, so that their total counts the target twice.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then (call $enter (i64.const 5)) (call $enter (i64.const 6))))
  (call $honest (local.get $ptr)))
