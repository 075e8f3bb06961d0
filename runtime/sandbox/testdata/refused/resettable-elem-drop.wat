;; expect: the module has `elem.drop` (at byte 164), which could not be undone between two persons; build the study with `cloister study build`
(module
  (import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
  (memory (export "memory") 1)
  (table $t 2 funcref) (elem $e (i32.const 0) $contribute)
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 1024))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param i32 i32)
    (elem.drop $e))
  (@custom "cloister.study" "[study]"))
