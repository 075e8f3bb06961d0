;; expect: the module imports `cloister.read`; its only import may be `cloister.contribute(output: i32, cell: i64, value: f64)`
(module
  (import "cloister" "read" (func (param i32 i64 f64)))
  (memory (export "memory") 1)
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 1024))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param i32 i32))
  (@custom "cloister.study" "[study]"))
