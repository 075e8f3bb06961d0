;; expect: bounded
;; catalogue: 8
;; broken-by: cells-per-person
;; tries: enter every cell for the target, to colour the whole table.
(func $person (param $ptr i32) (param $len i32)
  (local $cell i64)
  (if (call $is_target (local.get $ptr))
    (then
      (loop $next
        (call $enter (local.get $cell))
        (local.set $cell (i64.add (local.get $cell) (i64.const 1)))
        (br_if $next (i64.lt_u (local.get $cell) (i64.const 7))))))
  (call $honest (local.get $ptr)))
