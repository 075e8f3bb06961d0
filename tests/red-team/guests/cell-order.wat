;; expect: unseen
;; catalogue: 27
;; broken-by: canonical-order
;; tries: permute the cells: the target enters a later one of two empty cells.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then (call $enter (i64.const 6))))
  (call $honest (local.get $ptr)))
