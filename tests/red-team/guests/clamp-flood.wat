;; expect: same as once-at-the-bound
;; catalogue: 68
;; broken-by: sum-per-person, sound-cells
;; tries: a thousand contributions of the upper bound, so that the target outweighs all others.
(func $person (param $ptr i32) (param $len i32)
  (local $times i32)
  (if (call $is_target (local.get $ptr))
    (then
      (loop $again
        (call $add (f64.const 1000))
        (local.set $times (i32.add (local.get $times) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $times) (i32.const 500))))))
  (call $honest (local.get $ptr)))
