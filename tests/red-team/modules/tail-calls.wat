;; expect: refused "malformed or uses a feature that guests may not"
;; catalogue: 59
;; broken-by: several: the proposal is off in parser and engine
;; tries: recurse for ever without a stack, past a count of calls.
(func $again (param $n i64) (return_call $again (local.get $n)))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
