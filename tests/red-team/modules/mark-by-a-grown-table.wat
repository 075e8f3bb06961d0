;; expect: refused "`table.grow`"
;; catalogue: 4
;; broken-by: resettable
;; tries: leave a mark over the target by the size of a table.
(table $kept 0 funcref)
(func $person (param $ptr i32) (param $len i32)
  (if (table.size $kept) (then (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr))
    (then (drop (table.grow $kept (ref.null func) (i32.const 1)))))
  (call $honest (local.get $ptr)))
