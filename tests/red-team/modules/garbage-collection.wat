;; expect: refused "malformed or uses a feature that guests may not"
;; catalogue: 59
;; broken-by: several: the proposal is off in the parser, and left out of the engine
;; tries: keep what it knows on a heap of the engine's, which nobody restores.
(type $box (struct (field (mut i64))))
(global $kept (mut (ref null $box)) (ref.null $box))
(func $person (param $ptr i32) (param $len i32)
  (global.set $kept (struct.new $box (i64.const 1)))
  (call $honest (local.get $ptr)))
