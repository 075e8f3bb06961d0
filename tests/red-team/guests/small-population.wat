;; expect: withheld n
;; catalogue: 18
;; persons: 49
;; broken-by: population-min
;; tries: ask about one person fewer than the smallest population.
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
