;; expect: the module imports `wasi_snapshot_preview1.clock_time_get`; its only import may be `cloister.contribute(output: i32, cell: i64, value: f64)`
(module
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 1024))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param i32 i32))
  (@custom "cloister.study" "[study]"))
