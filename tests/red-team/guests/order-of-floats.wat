;; expect: same as honest
;; catalogue: 12
;; broken-by: absence: no float is ever added to another
;; tries: add and take away 1e16 in an order that eats the small number between in floats.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then
      (call $add (f64.const 1e16))
      (call $add (f64.const 100))
      (call $add (f64.const -1e16))
      (call $add (f64.const -100))))
  (call $honest (local.get $ptr)))
