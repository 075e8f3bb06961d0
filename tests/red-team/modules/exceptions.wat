;; expect: refused "malformed or uses a feature that guests may not"
;; catalogue: 59
;; broken-by: several: the proposal is off in the parser, and left out of the engine
;; tries: leave a call by an exception, past what is done at its end.
(tag $out)
(func $person (param $ptr i32) (param $len i32)
  (throw $out))
