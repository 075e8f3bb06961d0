;; expect: refused "the number of table elements is over 10000"
;; catalogue: modules
;; broken-by: several: a table's size is checked, and limited when it is made
;; tries: declare a table of four thousand million entries.
(table 4294967295 funcref)
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
