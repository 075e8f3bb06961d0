;; expect: same as honest
;; catalogue: 6
;; broken-by: restore, comparison
;; tries: count the calls, so that the order of persons becomes a row number.
(func $person (param $ptr i32) (param $len i32)
  (i32.store (i32.const 70000) (i32.add (i32.load (i32.const 70000)) (i32.const 1)))
  (if (i32.gt_u (i32.load (i32.const 70000)) (i32.const 20)) (then (call $enter (i64.const 5))))
  (call $honest (local.get $ptr)))
