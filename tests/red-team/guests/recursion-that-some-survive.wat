;; expect: dropped
;; catalogue: 36
;; broken-by: depth
;; tries: recurse over the target as deep as one machine's frames allow and another's do not, so
;;   that the site can be told.
(func $deeper (param $left i32) (result i64)
  (if (result i64) (local.get $left)
    (then (i64.add (i64.const 1) (call $deeper (i32.sub (local.get $left) (i32.const 1)))))
    (else (i64.const 0))))
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then (drop (call $deeper (i32.const 4000)))))
  (call $honest (local.get $ptr)))
