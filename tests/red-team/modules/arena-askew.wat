;; expect: refused "the arena is not aligned to 8 bytes"
;; catalogue: 63
;; broken-by: arena
;; tries: name an arena where no 64-bit number lies well.
(func $arena (param $len i32) (result i32) (i32.const 4097))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
