;; expect: refused "malformed or uses a feature that guests may not"
;; catalogue: 59
;; broken-by: several: threads are off in the parser, and left out of the engine
;; tries: count with atomic instructions, which no rewriter marks.
(func $person (param $ptr i32) (param $len i32)
  (drop (i32.atomic.rmw.add (i32.const 70000) (i32.const 1)))
  (call $honest (local.get $ptr)))
