;; expect: refused "could not be undone between two persons"
;; catalogue: 4
;; broken-by: several: passive segments are refused, and the instructions that use or drop them
;; tries: drop a data segment over the target, so that copying it traps for everybody later.
(data $once "once")
(func $person (param $ptr i32) (param $len i32)
  (memory.init $once (i32.const 70000) (i32.const 0) (i32.const 4))
  (if (call $is_target (local.get $ptr)) (then (data.drop $once)))
  (call $honest (local.get $ptr)))
