;; expect: the module is malformed or uses a feature that guests may not: gc types are disallowed but found type which requires gc (at byte 61)
(module
  (import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
  (memory (export "memory") 1)
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 1024))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param i32 i32))
  (table 1 externref)
  (@custom "cloister.study" "[study]"))
