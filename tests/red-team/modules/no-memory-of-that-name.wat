;; expect: refused "does not export `memory` as ABI version 1 has it"
;; catalogue: modules
;; broken-by: several: the export is checked before compiling and when it is used
;; tries: keep its memory to itself, or export a function in its place.
(memory $memory 2)
(export "memory" (func $person))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
