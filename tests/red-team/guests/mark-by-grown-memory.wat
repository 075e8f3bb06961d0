;; expect: same as honest
;; catalogue: 4
;; broken-by: growth, comparison
;; tries: grow memory over the target; its size tells everybody called later.
(func $person (param $ptr i32) (param $len i32)
  (if (i32.gt_u (memory.size) (i32.const 2)) (then (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr)) (then (drop (memory.grow (i32.const 1)))))
  (call $honest (local.get $ptr)))
