;; expect: same as honest
;; catalogue: 4
;; broken-by: mark-copy, comparison
;; tries: copy the target's frame to where everybody called later looks.
(func $person (param $ptr i32) (param $len i32)
  (if (i32.load (i32.const 90000)) (then (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr))
    (then (memory.copy (i32.const 90000) (local.get $ptr) (local.get $len))))
  (call $honest (local.get $ptr)))
