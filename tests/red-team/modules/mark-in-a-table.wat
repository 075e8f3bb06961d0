;; expect: refused "`table.set`"
;; catalogue: 4
;; broken-by: resettable
;; tries: leave a mark over the target in a table, by which function it holds.
(table $kept 2 funcref)
(elem (i32.const 0) $person)
(func $person (param $ptr i32) (param $len i32)
  (if (ref.is_null (table.get $kept (i32.const 1)))
    (then)
    (else (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr))
    (then (table.set $kept (i32.const 1) (table.get $kept (i32.const 0)))))
  (call $honest (local.get $ptr)))
