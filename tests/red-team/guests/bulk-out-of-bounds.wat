;; expect: dropped
;; catalogue: modules
;; broken-by: several: the engine checks both ends of a bulk operation, and memory is restored
;; tries: fill and copy past the end of memory, leaving behind what was done before the trap.
(func $person (param $ptr i32) (param $len i32)
  (if (i32.load8_u (i32.const 131000)) (then (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr))
    (then
      (memory.copy (i32.const 131000) (local.get $ptr) (i32.const 64))
      (memory.fill (i32.const 131000) (i32.const 1) (i32.const 1000000))))
  (call $honest (local.get $ptr)))
