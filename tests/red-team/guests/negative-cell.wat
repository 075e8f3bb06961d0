;; expect: dropped
;; catalogue: 13
;; broken-by: declared-cells
;; tries: contribute to the cell before the first, which may be another output's.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then (call $enter (i64.const -1))))
  (call $honest (local.get $ptr)))
