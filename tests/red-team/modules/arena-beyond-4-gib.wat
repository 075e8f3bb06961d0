;; expect: refused "the arena lies outside its memory"
;; catalogue: 63, modules
;; broken-by: several: the arena is checked, and the host writes to slices alone
;; tries: name an arena whose end overflows 32 bits and comes out small.
(func $arena (param $len i32) (result i32) (i32.const -8))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
