;; expect: refused "the module has a start function"
;; catalogue: 5
;; broken-by: several: refused by its section, which the rewriter does not write either
;; tries: run code before the host has set any limit.
(start $begin)
(func $begin)
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
