;; expect: unseen
;; catalogue: 28, 29
;; broken-by: one-word
;; tries: make a cell appear, be it withheld, that without the target would be absent.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr)) (then (call $enter (i64.const 5))))
  (call $honest (local.get $ptr)))
