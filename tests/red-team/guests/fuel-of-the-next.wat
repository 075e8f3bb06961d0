;; expect: same as honest
;; catalogue: 31
;; broken-by: fuel-reset, comparison
;; tries: leave less fuel to those called later, who need half of it.
(func $person (param $ptr i32) (param $len i32)
  (local $times i32) (local $enough i32)
  (local.set $enough
    (select (i32.const 15000) (i32.const 8000) (call $is_target (local.get $ptr))))
  (loop $again
    (local.set $times (i32.add (local.get $times) (i32.const 1)))
    (br_if $again (i32.lt_u (local.get $times) (local.get $enough))))
  (call $honest (local.get $ptr)))
