//! An author's guess at a secret, learnt from runs in which it is known.
//!
//! Two ways are learnt, and the one that is right more often is taken: how often each count is
//! shown so with the secret and without (naive Bayes), and a weighted sum of all that is shown
//! (ridge regression), which finds differences of counts.

use std::collections::BTreeMap;

/// The middle of what is shown of each count; `None` is withheld.
pub(super) type Seen = Vec<Option<f64>>;

/// What was learnt.
pub(super) struct Guess {
    /// How often each count was shown so, without the secret and with it.
    found: Vec<BTreeMap<u64, [f64; 2]>>,
    /// The mean of each count where it is shown.
    means: Vec<f64>,
    weights: Vec<f64>,
    by_weights: bool,
}

/// The mark of what is withheld.
const WITHHELD: u64 = u64::MAX;

impl Guess {
    pub(super) fn learn(runs: &[(Seen, bool)]) -> Self {
        let counts = runs[0].0.len();
        let mean = |at: usize| {
            let shown: Vec<f64> = runs.iter().filter_map(|(seen, _)| seen[at]).collect();
            shown.iter().sum::<f64>() / shown.len().max(1) as f64
        };
        let mut found = vec![BTreeMap::<u64, [f64; 2]>::new(); counts];
        for (seen, secret) in runs {
            for (found, seen) in found.iter_mut().zip(seen) {
                let mark = seen.map_or(WITHHELD, f64::to_bits);
                found.entry(mark).or_default()[usize::from(*secret)] += 1.0;
            }
        }
        let means = (0..counts).map(mean).collect();
        let mut learnt = Self { found, means, weights: Vec::new(), by_weights: true };
        let rows: Vec<Vec<f64>> = runs.iter().map(|(seen, _)| learnt.features(seen)).collect();
        let goals = runs.iter().map(|(_, secret)| if *secret { 1.0 } else { -1.0 });
        learnt.weights = ridge(&rows, &goals.collect::<Vec<_>>());
        // Judged by runs that it was learnt from: numbers of counts have most to gain from that.
        let right = |learnt: &Self| {
            runs.iter().filter(|(seen, secret)| learnt.secret(seen) == *secret).count()
        };
        let by_weights = right(&learnt);
        learnt.by_weights = false;
        learnt.by_weights = by_weights > right(&learnt);
        learnt
    }

    /// Whether the secret is so.
    pub(super) fn secret(&self, seen: &Seen) -> bool {
        if self.by_weights {
            let features = self.features(seen);
            let sum = features.iter().zip(&self.weights).map(|(x, weight)| x * weight);
            return sum.sum::<f64>() > 0.0;
        }
        let odds = self.found.iter().zip(seen).map(|(found, seen)| {
            let mark = seen.map_or(WITHHELD, f64::to_bits);
            let [without, with] = found.get(&mark).copied().unwrap_or_default();
            f64::ln((with + 0.5) / (without + 0.5))
        });
        odds.sum::<f64>() > 0.0
    }

    /// What is shown, by how far it is from its mean; what is not is at its mean, or marked.
    fn features(&self, seen: &Seen) -> Vec<f64> {
        let shown = seen.iter().zip(&self.means).map(|(x, mean)| x.map_or(0.0, |x| x - mean));
        let marks = seen.iter().map(|x| if x.is_none() { 30.0 } else { 0.0 });
        shown.chain(marks).chain([1.0]).collect()
    }
}

/// Weights whose sums with `rows` are nearest to the `goals`, and not large.
fn ridge(rows: &[Vec<f64>], goals: &[f64]) -> Vec<f64> {
    let width = rows[0].len();
    // The normal equations, with the goals as the last column.
    let mut system = vec![vec![0.0; width + 1]; width];
    for (row, goal) in rows.iter().zip(goals) {
        for (line, x) in system.iter_mut().zip(row).filter(|(_, x)| **x != 0.0) {
            line.iter_mut().zip(row.iter().chain([goal])).for_each(|(sum, y)| *sum += x * y);
        }
    }
    for (at, line) in system.iter_mut().enumerate() {
        line[at] += 1.0;
    }
    // It is symmetric and positive: no pivot is zero.
    for at in 0..width {
        let pivot = system[at].clone();
        for (_, line) in system.iter_mut().enumerate().filter(|(other, _)| *other != at) {
            let times = line[at] / pivot[at];
            line.iter_mut().zip(&pivot).skip(at).for_each(|(x, y)| *x -= times * y);
        }
    }
    system.iter().enumerate().map(|(at, line)| line[width] / line[at]).collect()
}
