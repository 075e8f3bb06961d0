;; expect: the module fails before it has seen a person: `cloister_v1_init` trapped or contributed
;; The host allows 4 pages, and they are there.
(module
  (import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
  (memory (export "memory") 1)
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 1024))
  (func (export "cloister_v1_init") (param i32 i32) (drop (i32.load (i32.const 262141))))
  (func (export "cloister_v1_person") (param i32 i32))
  (@custom "cloister.study" "[study]"))
