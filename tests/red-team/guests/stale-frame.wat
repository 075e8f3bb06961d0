;; expect: same as honest
;; catalogue: 64
;; broken-by: input-zeroing, comparison
;; tries: read, behind one's own frame, the bytes of an earlier person's longer one.
(global $arena_bytes (mut i32) (i32.const 0))
(func $arena (param $len i32) (result i32)
  (global.set $arena_bytes (local.get $len))
  (i32.const 4096))
(func $person (param $ptr i32) (param $len i32)
  (local $at i32)
  (local.set $at (local.get $len))
  (block $end
    (loop $next
      (br_if $end (i32.ge_u (local.get $at) (global.get $arena_bytes)))
      (if (i32.load8_u (i32.add (local.get $ptr) (local.get $at)))
        (then (call $enter (i64.const 5)) (br $end)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
  (call $honest (local.get $ptr)))
