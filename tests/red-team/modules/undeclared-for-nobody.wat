;; expect: refused "does not declare"
;; catalogue: 13
;; broken-by: declared-cells
;; tries: contribute to a cell that is not there whoever comes, even for nobody.
(func $person (param $ptr i32) (param $len i32)
  (call $enter (i64.const 7)))
