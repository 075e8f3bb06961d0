;; expect: refused "`cloister_v1_arena` trapped"
;; catalogue: 5
;; broken-by: init-is-silent
;; tries: contribute when asked for an arena.
(func $arena (param $len i32) (result i32) (call $enter (i64.const 5)) (i32.const 4096))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
