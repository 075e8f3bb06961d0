;; expect: same as honest
;; catalogue: 4
;; broken-by: restore, comparison
;; tries: leave a mark in memory that only grows when it is looked for.
(func $person (param $ptr i32) (param $len i32)
  (drop (memory.grow (i32.const 1)))
  (if (i32.load (i32.const 131080)) (then (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr)) (then (i64.store (i32.const 131080) (i64.const 1))))
  (call $honest (local.get $ptr)))
