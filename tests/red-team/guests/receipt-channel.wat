;; expect: unseen
;; catalogue: 61
;; broken-by: absence: what is sealed is the study, published facts and the release, nothing of the run
;; tries: take more fuel, memory and contributions for the target, so that a receipt tells of them.
(func $person (param $ptr i32) (param $len i32)
  (local $i i32)
  (if (call $is_target (local.get $ptr))
    (then
      (drop (memory.grow (i32.const 1)))
      (loop $again
        (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (i32.const 500))))))
  (call $honest (local.get $ptr)))
