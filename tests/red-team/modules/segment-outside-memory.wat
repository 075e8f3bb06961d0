;; expect: refused "its segments do not fit its memory or tables"
;; catalogue: modules
;; broken-by: several: the engine checks each segment, and 4 GiB behind a memory are no memory
;; tries: have the host write a data segment behind memory.
(data (i32.const 131070) "four")
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
