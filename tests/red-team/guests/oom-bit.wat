;; expect: dropped
;; catalogue: 34
;; broken-by: several: memory ends where the study file says, and a trap tells nothing
;; tries: ask for all memory there is over the target, and trap when it ends.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then
      (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      unreachable))
  (call $honest (local.get $ptr)))
