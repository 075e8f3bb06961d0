;; expect: refused "the module imports `wasi_snapshot_preview1.fd_write`"
;; catalogue: 59, modules
;; broken-by: several: an allow-list of one import, and nothing is linked to a guest
;; tries: write to a file or the standard output through WASI.
(import "wasi_snapshot_preview1" "fd_write"
  (func $write (param i32 i32 i32 i32) (result i32)))
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
