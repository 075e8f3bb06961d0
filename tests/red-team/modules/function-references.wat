;; expect: refused "malformed or uses a feature that guests may not"
;; catalogue: 4, 59
;; broken-by: several: the proposal is off in the parser, and left out of the engine
;; tries: keep a typed reference to the function that was called last.
(type $t (func))
(func $f (type $t))
(elem declare func $f)
(func $person (param $ptr i32) (param $len i32)
  (call_ref $t (ref.func $f)))
