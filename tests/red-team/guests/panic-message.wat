;; expect: dropped
;; catalogue: 35
;; broken-by: absence: no import takes text, and no error names what a guest had in memory
;; tries: panic as Rust does, with the target's note in the message.
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then
      (memory.copy (i32.const 70000) (local.get $ptr) (local.get $len))
      (i32.store (i32.const 69996) (local.get $len))
      unreachable))
  (call $honest (local.get $ptr)))
