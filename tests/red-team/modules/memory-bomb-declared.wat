;; expect: refused "the module's memory starts with 65536 pages"
;; catalogue: modules
;; broken-by: several: what the memory starts with is checked, and its limit is the study file's
;; tries: declare a memory of 4 GiB from the start.
(memory $memory (export "memory") 65536)
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
