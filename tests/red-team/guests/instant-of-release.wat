;; expect: same as honest
;; catalogue: 71
;; broken-by: absence: the plan is made at admission, of published numbers alone
;; tries: burn fuel over the target, so that the release is planned a tick later.
(func $person (param $ptr i32) (param $len i32)
  (local $times i32)
  (if (call $is_target (local.get $ptr))
    (then
      (loop $again
        (memory.fill (i32.const 65536) (i32.const 0) (i32.const 9000))
        (local.set $times (i32.add (local.get $times) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $times) (i32.const 9))))))
  (call $honest (local.get $ptr)))
