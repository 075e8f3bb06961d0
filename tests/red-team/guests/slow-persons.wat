;; expect: same as honest
;; catalogue: 69, 32
;; broken-by: absence: no clock drops a person; only fuel does
;; tries: be as slow as fuel allows over everybody, slowest over the target, so that a clock
;;   drops somebody.
(func $person (param $ptr i32) (param $len i32)
  (local $left i32)
  (local.set $left (i32.const 9))
  (loop $again
    (memory.fill (i32.const 65536) (i32.const 0) (i32.const 10000))
    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
    (br_if $again (i32.and (call $is_target (local.get $ptr)) (local.get $left))))
  (call $honest (local.get $ptr)))
