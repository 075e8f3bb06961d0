;; expect: refused "the module imports `env.memory`"
;; catalogue: 59
;; broken-by: several: an allow-list of one import, and nothing is linked to a guest
;; tries: import a memory, which somebody else could read.
(import "env" "memory" (memory $foreign 1))
(memory $memory 2)
(export "memory" (memory $foreign))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
