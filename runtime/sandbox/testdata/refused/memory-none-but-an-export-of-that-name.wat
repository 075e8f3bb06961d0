;; expect: the module has 0 memories, and must have one of its own
(module
  (import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
  (global (export "memory") i32 (i32.const 0))
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 1024))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param i32 i32))
  (@custom "cloister.study" "[study]"))
