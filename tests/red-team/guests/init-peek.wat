;; expect: same as honest
;; catalogue: 5
;; broken-by: absence: init is called before any row is read, with parameters alone
;; tries: look for a person's data in the arena during init.
(global $seen (mut i32) (i32.const 0))
(func $init (param $ptr i32) (param $len i32)
  (local $at i32)
  (loop $next
    (if (i32.load8_u (i32.add (i32.add (local.get $ptr) (local.get $len)) (local.get $at)))
      (then (global.set $seen (i32.const 1))))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $at) (i32.const 200)))))
(func $person (param $ptr i32) (param $len i32)
  (if (global.get $seen) (then (call $enter (i64.const 5))))
  (call $honest (local.get $ptr)))
