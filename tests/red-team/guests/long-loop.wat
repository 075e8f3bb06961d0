;; expect: dropped
;; catalogue: 31
;; broken-by: fuel
;; tries: loop over the target for longer than fuel allows, and come to an end all the same.
(func $person (param $ptr i32) (param $len i32)
  (local $times i32)
  (if (call $is_target (local.get $ptr))
    (then
      (loop $again
        (local.set $times (i32.add (local.get $times) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $times) (i32.const 1000000))))))
  (call $honest (local.get $ptr)))
