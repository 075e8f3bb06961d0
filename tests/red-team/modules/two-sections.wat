;; expect: refused "2 sections `cloister.study`"
;; catalogue: 65
;; broken-by: one-study-section
;; tries: show reviewers one study file and let the host read another.
(@custom "cloister.study" "[study]")
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
