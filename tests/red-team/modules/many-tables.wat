;; expect: refused "the number of tables is over 1"
;; catalogue: modules
;; broken-by: several: tables are counted, and limited when they are made
;; tries: declare a second table, which nobody resets.
(table 1 funcref)
(table 1 funcref)
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
