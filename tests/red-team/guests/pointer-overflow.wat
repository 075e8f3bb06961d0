;; expect: dropped
;; catalogue: modules
;; broken-by: several: the engine checks each access, and 4 GiB behind a memory are no memory
;; tries: read and write at addresses whose sum with an offset overflows 32 bits.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then (i64.store offset=4294967295 (i32.const -1) (i64.const 1))))
  (if (i32.load offset=16 (i32.const 0)) (then (call $enter (i64.const 5))))
  (call $honest (local.get $ptr)))
