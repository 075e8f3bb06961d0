//! The decoders before bytes near to right ones: what libFuzzer does at length (`cargo xtask fuzz`)
//! is done here briefly, so that its targets stay true.

use std::fs;
use std::path::Path;

use cloister_contract::cells::Layout;
use cloister_contract::job::Params;
use cloister_contract::partial::PartialCells;
use cloister_contract::study::Study;

use crate::harness::{FIRST_VALUE, People, example, fresh, gibleed, root, small_guest, succeed};
use crate::target_dataset::dataset;
use crate::targets::{COLUMNS, TARGETS, Target};

/// Numbers that look random and are the same at every run (xorshift64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    /// `seed` with some bytes changed, cut out, doubled or put elsewhere.
    fn change(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let (from, to) = (self.below(bytes.len() + 1), self.below(bytes.len() + 1));
            let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 64));
            match self.below(5) {
                0 => drop(bytes.drain(from..to)),
                1 => bytes.truncate(to),
                2 => {
                    let part = bytes[from..to].to_vec();
                    let at = self.below(bytes.len() + 1);
                    bytes.splice(at..at, part);
                }
                _ if bytes.is_empty() => bytes.push(self.below(256) as u8),
                3 => bytes[from.min(to.saturating_sub(1))] ^= 1 << self.below(8),
                _ => bytes[from.min(to.saturating_sub(1))] = [0, 255, b'"', b'-'][self.below(4)],
            }
        }
        bytes
    }
}

fn files(folder: &Path, end: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = entries.filter(|path| path.to_string_lossy().ends_with(end));
    named.map(|path| fs::read(path).unwrap()).collect()
}

/// Right bytes for a target, which it must take as they are.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let (root, folder) = (root(), fresh());
    match target {
        "study" => ["age-sex", "gi-bleed", "readmission"]
            .map(|name| fs::read(root.join("examples").join(name).join("study.toml")).unwrap())
            .to_vec(),
        "module" => {
            let small = small_guest(folder.path(), COLUMNS, FIRST_VALUE);
            vec![fs::read(small).unwrap()]
        }
        "frame" => vec![b"CLP1".to_vec(), (0..=255).collect()],
        "dataset" => files(&root.join("tests/datasets/broken"), ".toml"),
        "partial" => {
            let study = Study::parse("partial", COLUMNS).unwrap();
            let layout = Layout::new(&study, &Params::bind(&study, &[]).unwrap()).unwrap();
            let mut cells = PartialCells::none(&layout);
            cells.population = 2;
            cells.cells[0].add(0, 1, 1, [7; 2]);
            cells.cells[1].add(-3, 5, 4, [11; 2]);
            cells.cells[1].add(-3, 5, -3, [12; 2]);
            let bytes = cells.encode();
            assert!(PartialCells::decode(&bytes, &study, &layout).is_ok());
            vec![bytes]
        }
        _ => {
            let (people, out) = (People::new(), folder.path().join("out"));
            let module = people.signed(&example("gi-bleed"));
            let run = people.run(&module, &gibleed(), &out);
            succeed(&run.iter().map(String::as_str).collect::<Vec<_>>());
            let mut seeds = files(&out, "json");
            seeds.extend(files(&out, "jsonl"));
            assert!(seeds.len() > 1);
            seeds
        }
    }
}

#[test]
fn no_decoder_panics_on_or_believes_bytes_near_to_right_ones() {
    let targets = TARGETS.into_iter().chain([("dataset", dataset as Target)]);
    for (at, (name, read)) in (1..).zip(targets) {
        let seeds = seeds(name);
        seeds.iter().for_each(|seed| read(seed));
        let mut dice = Dice(0x2545_f491_4f6c_dd1d * at);
        let rounds = if matches!(name, "dataset" | "module") { 300 } else { 3_000 };
        for _ in 0..rounds {
            let seed = dice.below(seeds.len());
            read(&dice.change(&seeds[seed]));
        }
    }
}
