;; What every guest of this suite has, but for what its own file defines under the same name.
;; A blank line ends a field. The study file of `study.toml` is added as a custom section.

(import "cloister" "contribute" (func $contribute (param i32 i64 f64)))

;; the attack

(memory $memory (export "memory") 2)

(func $arena (param $len i32) (result i32) (i32.const 4096))

(func $init (param $ptr i32) (param $len i32))

(export "cloister_v1_arena" (func $arena))

(export "cloister_v1_init" (func $init))

(export "cloister_v1_person" (func $person))

;; The person's secret; 0 for nobody. The first column's record lies at 16, its values' offset at 20.
(func $secret (param $ptr i32) (result i64)
  (if (result i64) (i32.load offset=8 (local.get $ptr))
    (then (i64.load (i32.add (local.get $ptr) (i32.load offset=20 (local.get $ptr)))))
    (else (i64.const 0))))

(func $is_target (param $ptr i32) (result i32)
  (i64.ne (call $secret (local.get $ptr)) (i64.const 0)))

(func $mark (param $ptr i32) (result i64)
  (if (result i64) (i32.load offset=8 (local.get $ptr))
    (then (i64.load (i32.add (local.get $ptr) (i32.load offset=36 (local.get $ptr)))))
    (else (i64.const 0))))

;; Enters one cell of `spread`.
(func $enter (param $cell i64)
  (call $contribute (i32.const 2) (local.get $cell) (f64.const 1)))

;; Adds to `value`.
(func $add (param $value f64)
  (call $contribute (i32.const 1) (i64.const 0) (local.get $value)))

;; What a decent guest says about a person: something in every output.
(func $honest (param $ptr i32)
  (local $mark i64)
  (local.set $mark (call $mark (local.get $ptr)))
  (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
  (call $add (f64.add (f64.const 100) (f64.convert_i64_s (local.get $mark))))
  (call $enter (i64.rem_u (local.get $mark) (i64.const 5)))
  (call $contribute (i32.const 3) (i64.const 0)
    (f64.add (f64.const 30) (f64.convert_i64_s (local.get $mark))))
  (call $contribute (i32.const 4) (i64.const 0) (f64.convert_i64_s (local.get $mark))))
