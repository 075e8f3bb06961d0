;; expect: refused "the arena lies outside its memory"
;; catalogue: 63
;; broken-by: arena
;; tries: name an arena whose last bytes lie behind memory, where the host would write.
(func $arena (param $len i32) (result i32) (i32.const 131064))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
