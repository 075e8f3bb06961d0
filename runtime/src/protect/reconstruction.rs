//! What the rules cannot stop, measured: many pseudo-random sums rebuild what they sum.
//!
//! Huth's attack in its plainest form: of n persons with a secret bit, each cell counts a
//! pseudo-random half, turned over by the secret, and a secret is read off as the sign of how the
//! cells go with its person's weights. Source: Dinur and Nissim, "Revealing Information while
//! Preserving Privacy" (2003). `docs/privacy.md` says the share that is rebuilt.

use super::drafts::Sample;
use super::screen::withheld;
use super::{History, Profile, rounding};

const PERSONS: usize = 60;

/// Pseudo-random bits of a fixed sequence.
struct Bits(u64);

impl Bits {
    fn draw(&mut self) -> bool {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        self.0 >> 40 & 1 == 1
    }
}

/// The share of secrets that are rebuilt from `cells` counts that `hospital` shows, in percent,
/// over some drafts.
fn rebuilt(cells: usize) -> usize {
    let rules = *Profile::named("hospital").unwrap().rules().unwrap();
    let study = format!(
        "[dimensions]\nhalf = {{ range = [1, {cells}] }}\n[outputs]\n\
         halves = {{ kind = \"count\", by = [\"half\"], cells_per_person = {cells} }}\n"
    );
    let (mut right, drafts) = (0, 5);
    for seed in 0..drafts {
        let mut bits = Bits(seed);
        let secrets: Vec<bool> = (0..PERSONS).map(|_| bits.draw()).collect();
        let weights: Vec<Vec<bool>> =
            secrets.iter().map(|_| (0..cells).map(|_| bits.draw()).collect()).collect();
        let people: Vec<Vec<(i32, i64, f64)>> = weights
            .iter()
            .zip(&secrets)
            .map(|(row, secret)| {
                let entered = row.iter().zip(0..).filter(|(weight, _)| *weight != secret);
                entered.map(|(_, cell)| (0, cell, 1.0)).collect()
            })
            .collect();
        let sample = Sample::new(&study, 60, &people);
        let withheld = withheld(&rules, &sample.exact(), &History::default());
        // What is withheld tells nothing here; a shown interval tells its middle.
        let seen = sample.partial.cells.iter().zip(&withheld).map(|(cell, withheld)| {
            let [low, high] = rounding::count(cell.persons, 10, 5);
            let middle = (low + high) as f64 / 2.0;
            if *withheld { 0.0 } else { middle - PERSONS as f64 / 2.0 }
        });
        let seen: Vec<f64> = seen.collect();
        for (row, secret) in weights.iter().zip(&secrets) {
            let sign = |weight: &bool| if *weight { 1.0 } else { -1.0 };
            let score: f64 = row.iter().zip(&seen).map(|(weight, seen)| sign(weight) * seen).sum();
            right += usize::from((score < 0.0) == *secret);
        }
    }
    right * 100 / (PERSONS * usize::try_from(drafts).unwrap())
}

/// The rules stop none of it: 480 cells, fewer than a job may have, rebuild everybody. Fewer tell
/// less, and that is all that the number of cells does.
#[test]
fn pseudo_random_halves_rebuild_what_the_documentation_says() {
    let found = [15, 60, 240, 480].map(rebuilt);
    println!("15, 60, 240 and 480 cells rebuild {found:?} percent of the secrets");
    let documented = [60..=80, 75..=92, 93..=100, 98..=100];
    for (found, documented) in found.iter().zip(documented) {
        assert!(documented.contains(found), "{found} percent, and {documented:?} are documented");
    }
}
