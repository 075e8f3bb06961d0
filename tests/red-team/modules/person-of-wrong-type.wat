;; expect: refused "does not export `cloister_v1_person` as ABI version 1 has it"
;; catalogue: modules
;; broken-by: several: the exports' types are checked before compiling and when they are called
;; tries: return a number where the host expects none.
(func $answers (param $ptr i32) (param $len i32) (result i64) (i64.const 4711))
(export "cloister_v1_person" (func $answers))
