;; expect: dropped
;; catalogue: 13
;; broken-by: declared-cells
;; tries: use eight letters of the target's note as the number of a cell.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then
      (call $enter (i64.load (i32.add (local.get $ptr) (i32.load offset=80 (local.get $ptr)))))))
  (call $honest (local.get $ptr)))
