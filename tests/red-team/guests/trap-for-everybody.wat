;; expect: unseen
;; catalogue: 70
;; broken-by: absence: no number of traps ends a run or is told
;; tries: trap over every person there is.
(func $person (param $ptr i32) (param $len i32)
  ;; Nobody's frame has no rows: admission sees nothing wrong.
  (if (i32.load offset=8 (local.get $ptr)) (then unreachable)))
