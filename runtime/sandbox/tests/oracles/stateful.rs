//! Guests that look at what they find, contribute it, and then write wherever they can.
//!
//! What a guest writes depends on its person, so whatever survives one person differs from what
//! the module starts with, and a later person's contributions or memory show it.

use super::dice::Dice;

/// Pages that the study of a guest allows.
pub(crate) const PAGES: u32 = 3;

/// Each way to store a value: its instruction, what comes behind the address, its bytes.
const STORES: [(&str, &str, u32); 14] = [
    ("i32.store", "(local.get $x)", 4),
    ("i32.store8", "(local.get $x)", 1),
    ("i32.store16", "(local.get $x)", 2),
    ("i64.store", "(i64.mul (i64.extend_i32_u (local.get $x)) (i64.const 0x10001))", 8),
    ("i64.store8", "(i64.extend_i32_u (local.get $x))", 1),
    ("i64.store16", "(i64.extend_i32_u (local.get $x))", 2),
    ("i64.store32", "(i64.extend_i32_u (local.get $x))", 4),
    ("f32.store", "(f32.reinterpret_i32 (local.get $x))", 4),
    ("f64.store", "(f64.convert_i32_u (local.get $x))", 8),
    ("v128.store", "(i32x4.splat (local.get $x))", 16),
    ("v128.store8_lane", "(i8x16.splat (local.get $x))", 1),
    ("v128.store16_lane", "(i16x8.splat (local.get $x))", 2),
    ("v128.store32_lane", "(i32x4.splat (local.get $x))", 4),
    ("v128.store64_lane", "(i32x4.splat (local.get $x))", 8),
];

/// Each way to look at memory, as a number to contribute.
const LOADS: [(&str, &str); 8] = [
    ("(f64.convert_i32_s (i32.load", "))"),
    ("(f64.convert_i32_u (i32.load8_u", "))"),
    ("(f64.convert_i64_u (i64.load", "))"),
    ("(f64.promote_f32 (f32.load", "))"),
    ("(f64.load", ")"),
    ("(f64.convert_i32_s (i32x4.extract_lane 2 (v128.load", ")))"),
    ("(f64.convert_i32_s (i32x4.extract_lane 1 (v128.load8x8_u", ")))"),
    ("(f64.convert_i64_s (i64.load16_s", "))"),
];

const GLOBALS: &str = r#"
  (global $i (mut i32) (i32.const 7)) (global $l (mut i64) (i64.const -9))
  (global $f (mut f32) (f32.const 1.5)) (global $d (mut f64) (f64.const nan:0x8000000000123))
  (global $v (mut v128) (v128.const i32x4 1 2 3 4)) (global $fixed i32 (i32.const 4096))"#;

/// The text of a guest from a seed.
pub(crate) fn guest(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let pages = 1 + dice.below(2);
    // Most guests stay in memory that they have, so that the original does the same.
    let wild = dice.one_in(4);
    let arena = 8 * dice.below(4_000);
    let mut writer = Writer { dice, pages, arena, wild };
    let maximum = if writer.dice.one_in(3) { " 3" } else { "" };
    let data: String = (0..writer.dice.below(4)).map(|_| writer.data()).collect();
    let looks: String = (0..2 + writer.dice.below(10)).map(|_| writer.look()).collect();
    let [zero, one, two] = [0, 1, 2].map(|_| writer.statements(1));
    let init = writer.statements(2);
    let person = writer.statements(0);
    format!(
        r#"(module
  (import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
  (type $t (func (param i32)))
  (memory (export "memory") {pages}{maximum}) {GLOBALS} {data}
  (table $table 5 8 funcref) (elem (i32.const 1) $zero $one $two $deep)
  (func $zero (param $x i32) (local $n i32) {zero})
  (func $one (param $x i32) (local $n i32) {one})
  (func $two (param $x i32) (local $n i32) {two})
  (func $deep (param $x i32) (if (i32.and (local.get $x) (i32.const 127))
    (then (call $deep (i32.sub (local.get $x) (i32.const 1))))))
  (func (export "cloister_v1_arena") (param i32) (result i32) (i32.const {arena}))
  (func (export "cloister_v1_init") (param $x i32) (param $n i32) {init})
  (func (export "cloister_v1_person") (param $ptr i32) (param $len i32)
    (local $x i32) (local $n i32)
    {looks}
    (local.set $x (i32.xor (i32.load (local.get $ptr)) (i32.mul (local.get $len) (i32.const 257))))
    {person})
  (@custom "cloister.study" "[study]"))"#
    )
}

struct Writer {
    dice: Dice,
    pages: u32,
    arena: u32,
    wild: bool,
}

impl Writer {
    fn data(&mut self) -> String {
        let at = self.dice.below(65_000);
        let text: String = (0..1 + self.dice.below(40))
            .map(|_| char::from(b'a' + self.dice.below(26) as u8))
            .collect();
        format!("(data (i32.const {at}) \"{text}\")")
    }

    /// Contributes something of the state that a person finds.
    fn look(&mut self) -> String {
        let what = match self.dice.below(9) {
            0 => "(f64.convert_i32_u (memory.size))".to_owned(),
            1 => "(f64.convert_i32_s (global.get $i))".to_owned(),
            2 => "(f64.convert_i64_s (global.get $l))".to_owned(),
            3 => "(f64.promote_f32 (global.get $f))".to_owned(),
            4 => "(global.get $d)".to_owned(),
            5 => "(f64.convert_i32_s (i32x4.extract_lane 3 (global.get $v)))".to_owned(),
            6 => format!(
                "(f64.convert_i32_s (ref.is_null (table.get $table (i32.const {}))))",
                self.dice.below(5)
            ),
            _ => {
                let (load, end) = *self.dice.pick(&LOADS);
                format!("{load} (i32.const {}){end}", self.place(16))
            }
        };
        contribute(&mut self.dice, &what)
    }

    /// A place in memory where `bytes` can be: often where granules, pages or all of it end.
    fn place(&mut self, bytes: u32) -> u32 {
        let end = self.pages << 16;
        let place = match self.dice.below(5) {
            0 => self.dice.below(end),
            1 => (self.dice.below(end / 256) * 256).wrapping_sub(self.dice.below(bytes)),
            2 => end - bytes,
            3 => self.dice.below(600),
            _ => self.dice.below(end / 8) * 8,
        };
        place.min(end - bytes)
    }

    /// An address expression and an offset, which together are a place for `bytes`, or for a wild
    /// guest, unless it is in init, may be none.
    fn address(&mut self, bytes: u32, depth: u32) -> (String, String) {
        if self.wild && depth < 2 && self.dice.one_in(6) {
            let end = PAGES << 16;
            let far = [end - bytes, end - bytes + 1, (self.pages << 16) + 5, u32::MAX - 2];
            let far = *self.dice.pick(&far);
            let offset = *self.dice.pick(&[0, 0, 1, 300, 65_536, u32::MAX]);
            return (format!("(i32.const {far})"), format!("offset={offset}"));
        }
        // A person's own places: one of 16 or of 512.
        let (mask, reach) = *self.dice.pick(&[(0, 0), (15, 15), (511 << 3, 511 << 3)]);
        let place = self.place(bytes + reach);
        let offset = match self.dice.below(4) {
            0 => place,
            1 => self.dice.below(place + 1),
            2 => place.min(3),
            _ => 0,
        };
        let base = place - offset;
        let text = match mask {
            0 => format!("(i32.const {base})"),
            mask => {
                format!("(i32.add (i32.and (local.get $x) (i32.const {mask})) (i32.const {base}))")
            }
        };
        (text, format!("offset={offset}"))
    }

    fn statements(&mut self, depth: u32) -> String {
        (0..1 + self.dice.below(7 - 2 * depth)).map(|_| self.statement(depth)).collect()
    }

    fn statement(&mut self, depth: u32) -> String {
        let bit = 1 << self.dice.below(12);
        // Init may not contribute, and is not to trap.
        let harmless = depth == 2;
        match self.dice.below(22) {
            0..=9 => {
                let (store, value, bytes) = *self.dice.pick(&STORES);
                let (address, offset) = self.address(bytes, depth);
                let lane = if store.ends_with("lane") {
                    format!(" {}", self.dice.below(16 / bytes))
                } else {
                    String::new()
                };
                format!("\n    ({store} {offset}{lane} {address} {value})")
            }
            10 => "\n    (global.set $i (local.get $x))
    (global.set $v (i32x4.splat (local.get $x)))"
                .to_owned(),
            11 => "\n    (global.set $l (i64.extend_i32_u (local.get $x)))
    (global.set $f (f32.reinterpret_i32 (local.get $x)))"
                .to_owned(),
            12 => "\n    (global.set $d (f64.convert_i32_s (local.get $x)))".to_owned(),
            13 | 14 => self.bulk(depth),
            15 => {
                let bit = *self.dice.pick(&[1, 3]);
                format!("\n    (drop (memory.grow (i32.and (local.get $x) (i32.const {bit}))))")
            }
            _ if harmless => String::new(),
            16 => {
                let index = *self.dice.pick(&["$x", "$n"]);
                let (mask, plus) = *self.dice.pick(&[(1, 1), (3, 1), (7, 0)]);
                format!(
                    "\n    (call_indirect $table (type $t) (local.get $x)
      (i32.add (i32.const {plus}) (i32.and (local.get {index}) (i32.const {mask}))))"
                )
            }
            17 if depth == 0 => {
                let body = self.statement(1);
                let rounds = 1 + self.dice.below(20);
                format!(
                    "\n    (local.set $n (i32.const {rounds})) (loop {body}
      (local.set $x (i32.add (local.get $x) (i32.const 0x01010107)))
      (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"
                )
            }
            18 => {
                let what =
                    ["unreachable", "(loop (br 0))", "return", "(call $deep (local.get $x))"];
                let bits = bit | 0x11;
                let what = *self.dice.pick(&what);
                format!(
                    "\n    (if (i32.eq (i32.const {bits})
      (i32.and (local.get $x) (i32.const {bits}))) (then {what}))"
                )
            }
            19 => {
                let one = self.look();
                format!("\n    {one}")
            }
            _ => contribute(&mut self.dice, "(f64.convert_i32_s (local.get $x))"),
        }
    }

    /// Fills or copies as much as the person says to where the person says.
    fn bulk(&mut self, depth: u32) -> String {
        let mask = *self.dice.pick(&[1, 15, 255, 2_047]);
        let (to, offset) = self.address(mask + 1, depth);
        let offset = offset.trim_start_matches("offset=");
        let to = format!("(i32.add {to} (i32.const {offset}))");
        let bytes = format!("(i32.and (local.get $x) (i32.const {mask}))");
        if self.dice.one_in(2) {
            return format!("\n    (memory.fill {to} (local.get $x) {bytes})");
        }
        // The person's frame, or anything.
        let from = if self.dice.one_in(2) { self.arena } else { self.place(mask + 1) };
        format!("\n    (memory.copy {to} (i32.const {from}) {bytes})")
    }
}

fn contribute(dice: &mut Dice, value: &str) -> String {
    let (output, cell) = (dice.below(3), dice.below(9));
    format!("\n    (call $contribute (i32.const {output}) (i64.const {cell}) {value})")
}
