;; expect: dropped
;; catalogue: 36
;; broken-by: several: the depth of calls is counted, fuel is spent, and the stack has an end
;; tries: recurse until the host's stack ends, which would end the host.
(func $deeper (param $n i64) (result i64)
  (i64.add (i64.const 1) (call $deeper (i64.add (local.get $n) (i64.const 1)))))
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then (drop (call $deeper (i64.const 0)))))
  (call $honest (local.get $ptr)))
