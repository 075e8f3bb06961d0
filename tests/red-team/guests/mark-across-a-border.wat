;; expect: same as honest
;; catalogue: 4
;; broken-by: restore-next, comparison
;; tries: leave a mark with the second half of a store that lies across two granules, pages or
;;   whatever a host restores at once.
(func $person (param $ptr i32) (param $len i32)
  (if (i32.load8_u (i32.const 73728)) (then (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr)) (then (i64.store (i32.const 73724) (i64.const -1))))
  (call $honest (local.get $ptr)))
