;; expect: dropped
;; catalogue: modules
;; broken-by: several: memory ends where the study file says, and growing spends fuel
;; tries: grow by 4 GiB at once, and page by page, to take the host's memory.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then
      (drop (memory.grow (i32.const 65534)))
      (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      unreachable))
  (call $honest (local.get $ptr)))
