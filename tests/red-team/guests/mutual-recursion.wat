;; expect: dropped
;; catalogue: 36
;; broken-by: several: the depth of calls is counted, fuel is spent, and the stack has an end
;; tries: recurse over two functions and a table, with large frames.
(table 2 funcref)
(elem (i32.const 0) $even $odd)
(type $step (func (param i64 i64 i64 i64 f64 f64 f64 f64) (result f64)))
(func $even (type $step)
  (f64.add (local.get 7)
    (call_indirect (type $step) (i64.add (local.get 0) (i64.const 1)) (local.get 0) (local.get 1)
      (local.get 2) (local.get 4) (local.get 5) (local.get 6) (local.get 7) (i32.const 1))))
(func $odd (type $step)
  (f64.mul (local.get 6)
    (call_indirect (type $step) (i64.add (local.get 0) (i64.const 1)) (local.get 3) (local.get 2)
      (local.get 1) (local.get 7) (local.get 6) (local.get 5) (local.get 4) (i32.const 0))))
(func $person (param $ptr i32) (param $len i32)
  (if (call $is_target (local.get $ptr))
    (then
      (drop (call $even (i64.const 0) (i64.const 1) (i64.const 2) (i64.const 3)
        (f64.const 1) (f64.const 2) (f64.const 3) (f64.const 4)))))
  (call $honest (local.get $ptr)))
