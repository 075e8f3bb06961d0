;; expect: same as honest
;; catalogue: modules
;; broken-by: absence: no name of a module is printed but that of a refused import
;; tries: write on the operator's terminal with names of exports, functions and sections.
(@custom "\1b[2J\1b[31m" "\1b[2J")
(func $odd (@name "\1b[2J") (export "\1b[2J"))
(func $person (param $ptr i32) (param $len i32)
  (call $odd)
  (call $honest (local.get $ptr)))
