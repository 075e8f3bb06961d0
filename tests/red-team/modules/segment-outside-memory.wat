;; expect: refused "a data segment that lies outside its memory"
;; catalogue: modules
;; broken-by: several: each segment is held against the memory, by the check and by the engine
;; tries: have the host write a data segment behind memory.
(data (i32.const 131070) "four")
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
