;; expect: the module has a data segment that lies outside its memory
(module
  (import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
  (memory (export "memory") 1)
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 1024))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param i32 i32))
  (data (i32.const -1) "a")
  (@custom "cloister.study" "[study]"))
