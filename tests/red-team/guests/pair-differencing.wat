;; expect: open "Aligned rounding blurs such differences by some persons; it does not prevent them."
;; catalogue: 7, 21
;; persons: 65
;; broken-by: absence: `hospital` has no noise, and no memory of earlier releases
;; tries: count everybody where one person more begins the next interval.
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
