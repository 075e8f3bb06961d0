;; expect: refused "a mutable global of a reference type"
;; catalogue: 4
;; broken-by: several: what could not be undone is refused, and what is rewritten is validated
;; tries: leave a mark over the target in a global that holds a reference.
(global $kept (mut funcref) (ref.null func))
(elem declare func $person)
(func $person (param $ptr i32) (param $len i32)
  (if (ref.is_null (global.get $kept)) (then) (else (call $enter (i64.const 5))))
  (if (call $is_target (local.get $ptr)) (then (global.set $kept (ref.func $person))))
  (call $honest (local.get $ptr)))
