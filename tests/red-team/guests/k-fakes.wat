;; expect: unseen
;; catalogue: 2
;; broken-by: sum-per-person, sound-cells
;; tries: enter one cell 24 times for the target, so that it looks like 24 persons.
;; (Twelve are in the honest cells, and two sets so alike are withheld by another rule.)
(func $person (param $ptr i32) (param $len i32)
  (local $times i32)
  (if (call $is_target (local.get $ptr))
    (then
      (loop $again
        (call $enter (i64.const 5))
        (local.set $times (i32.add (local.get $times) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $times) (i32.const 24))))))
  (call $honest (local.get $ptr)))
