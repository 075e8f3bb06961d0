;; expect: refused "the module imports `env.?[2J?]0;all is well?`"
;; catalogue: modules
;; broken-by: printable
;; tries: clear the operator's screen and write another title with the name of an import.
(import "env" "\1b[2J\1b]0;all is well\07" (func $escape))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
