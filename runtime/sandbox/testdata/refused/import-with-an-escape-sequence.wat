;; expect: the module imports `?[31menv.l?g`; its only import may be `cloister.contribute(output: i32, cell: i64, value: f64)`
;; The names of a module are not printed as they are.
(module
  (import "\1b[31menv" "l\0ag" (func))
  (memory (export "memory") 1)
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const 1024))
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param i32 i32))
  (@custom "cloister.study" "[study]"))
