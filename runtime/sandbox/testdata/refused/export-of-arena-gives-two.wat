;; expect: the module is malformed or uses a feature that guests may not: func type returns multiple values but the multi-value feature is not enabled (at byte 17)
(module
  (import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
  (memory (export "memory") 1)
  (func (export "cloister_v1_arena") (param i32) (result i32 i32) (i32.const 0) (i32.const 0))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param i32 i32))
  (@custom "cloister.study" "[study]"))
