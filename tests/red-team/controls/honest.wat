;; control: what the persons say when the guest attacks nobody.
(func $person (param $ptr i32) (param $len i32)
  (call $honest (local.get $ptr)))
