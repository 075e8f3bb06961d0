;; expect: same as honest
;; catalogue: 31, 69
;; broken-by: absence: no fuel used, no time and no progress leaves
;; tries: burn nearly all fuel over the target, to be read from a clock or a meter.
(func $person (param $ptr i32) (param $len i32)
  (local $times i32)
  (if (call $is_target (local.get $ptr))
    (then
      (loop $again
        (local.set $times (i32.add (local.get $times) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $times) (i32.const 15000))))))
  (call $honest (local.get $ptr)))
