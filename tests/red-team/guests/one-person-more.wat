;; expect: unseen
;; catalogue: 21, 23
;; broken-by: rounding
;; tries: ask once with the target and once without, and take the difference.
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
