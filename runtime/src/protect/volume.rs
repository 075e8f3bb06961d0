//! Rule: a release holds at most B bits, known before anybody approves it.
//!
//! Statement: B = Σ over cells of log2(levels + 1), where a cell's levels are the ways in which it
//! can be shown, and one more is `withheld`. With N persons, threshold k and rounding base b the
//! number of persons has P = ⌊(N + d − k) / b⌋ + 1 intervals (none if N < k), and a sum of x − low,
//! as a sum of its squares, S = ⌊(N + d) / b⌋ + 1, where noise is d persons at most. So a `count`
//! and each bin of a `histogram` have P levels, a `sum` P·S, `moments` P·S·S; means and spreads
//! follow from these and add none. Source: a choice among n messages is log2(n) bits (Hartley
//! 1928). Worked number: k = 10, b = 5, N = 24: 10–14, 15–19, 20–24 or withheld are four ways, so a
//! count has 2 bits. B bounds volume and not harm: one bit about one person is enough.
//!
//! N is the number that a site publishes. Where it was rounded down, each b persons beyond it add
//! an interval that this bound does not know.

use cloister_contract::cells::{Layout, TooManyCells, output_cells_max};
use cloister_contract::study::{Output, OutputKind, Study};

use super::Rules;

/// What an output can release at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Volume {
    /// Cells, margins included.
    pub cells: u64,
    /// Numbers in those cells: a count has one, a sum two, moments three.
    pub numbers: u64,
    /// Bits; `None` if the profile shows exact numbers, which nothing bounds.
    pub bits: Option<f64>,
}

/// What each output of `study` can release at most, whatever its parameters, under `rules` at a
/// site with `persons` persons. Without rules the numbers are exact.
///
/// # Errors
/// [`TooManyCells`] if the cells cannot be counted.
pub fn volumes(
    study: &Study,
    rules: Option<&Rules>,
    persons: u64,
) -> Result<Vec<Volume>, TooManyCells> {
    let of = |output: &Output| {
        let cells = output_cells_max(study, output).ok_or(TooManyCells)? as u64;
        Ok(volume(output, cells, rules, persons))
    };
    study.outputs.iter().map(of).collect()
}

/// What a job of `study` with these cells can release at most.
pub(crate) fn job_volume(study: &Study, layout: &Layout, rules: &Rules, persons: u64) -> Volume {
    let cells = layout.outputs.iter().map(|output| output.labelled().count() as u64);
    let outputs = study.outputs.iter().zip(cells);
    let volumes: Vec<_> =
        outputs.map(|(output, cells)| volume(output, cells, Some(rules), persons)).collect();
    total_volume(&volumes)
}

fn volume(output: &Output, cells: u64, rules: Option<&Rules>, persons: u64) -> Volume {
    let numbers = match &output.kind {
        OutputKind::Count | OutputKind::Histogram { .. } => 1,
        OutputKind::Sum(_) => 2,
        OutputKind::Moments(_) => 3,
    };
    let bits = rules.map(|rules| float(cells) * cell_bits(rules, &output.kind, persons));
    Volume { cells, numbers: cells.saturating_mul(numbers), bits }
}

/// The sum of `volumes`.
#[must_use]
pub fn total_volume(volumes: &[Volume]) -> Volume {
    Volume {
        cells: volumes.iter().map(|volume| volume.cells).sum(),
        numbers: volumes.iter().map(|volume| volume.numbers).sum(),
        bits: volumes.iter().map(|volume| volume.bits).sum(),
    }
}

/// Bits as a whole number, never too few.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
pub(crate) fn whole_bits(bits: f64) -> u64 {
    bits.ceil() as u64
}

/// The bits of one cell of an output of `kind` among `persons` persons.
fn cell_bits(rules: &Rules, kind: &OutputKind, persons: u64) -> f64 {
    let base = rules.rounding_base.max(1);
    let most = rules.noise_persons_max;
    let above = persons.checked_sub(rules.persons_per_cell_min);
    let counts = float(above.map_or(0, |above| above.saturating_add(most) / base + 1));
    let sums = float(persons.saturating_add(most) / base + 1);
    let levels = match kind {
        OutputKind::Count | OutputKind::Histogram { .. } => counts,
        OutputKind::Sum(_) => counts * sums,
        OutputKind::Moments(_) => counts * sums * sums,
    };
    (levels + 1.0).log2()
}

#[expect(clippy::cast_precision_loss, reason = "a bound in bits, shown as a whole number")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::super::{Profile, noise, rounding};
    use super::*;
    use cloister_contract::grid::Grid;
    use cloister_contract::study::Bounds;
    use std::collections::BTreeSet;

    const GI_BLEED: &str = include_str!("../../../examples/gi-bleed/study.toml");

    #[test]
    fn worked_numbers() {
        let rules = *Profile::named("hospital").unwrap().rules().unwrap();
        let bits = |persons| cell_bits(&rules, &OutputKind::Count, persons);
        assert!((bits(24) - 2.0).abs() < 1e-12);
        assert!((bits(10) - 1.0).abs() < 1e-12, "one interval or withheld");
        assert!(bits(9).abs() < 1e-12, "withheld, whatever the data");
    }

    /// By hand, over 2,690 persons: 26 counts with log2(538) bits each, and two moments with
    /// log2(537·539² + 1) each, are 235.86 + 54.43 bits.
    #[test]
    fn gi_bleed_has_26_counts_two_moments_and_some_290_bits() {
        let study = Study::parse("study.toml", GI_BLEED).unwrap();
        let hospital = Profile::named("hospital").unwrap();
        let total = total_volume(&volumes(&study, hospital.rules(), 2_690).unwrap());
        assert_eq!((total.cells, total.numbers), (28, 32));
        assert!((total.bits.unwrap() - 290.29).abs() < 0.01, "{total:?}");
        assert_eq!(total_volume(&volumes(&study, None, 2_690).unwrap()).bits, None);
    }

    /// As the next test, where noise moves what is shown.
    #[test]
    fn levels_of_a_count_with_noise_are_the_ways_in_which_it_is_shown() {
        let rules = *Profile::named("strict").unwrap().rules().unwrap();
        let way = |n, drawn| noise::count(&rules, n, drawn, rules.noise_persons_max);
        for persons in 20..120 {
            let ways: BTreeSet<_> =
                (20..=persons).flat_map(|n| (-5..=5).map(move |drawn| (n, drawn))).collect();
            let ways: BTreeSet<_> = ways.into_iter().map(|(n, drawn)| way(n, drawn)).collect();
            let wanted = float(ways.len() as u64 + 1).log2();
            let bits = cell_bits(&rules, &OutputKind::Count, persons);
            assert!((bits - wanted).abs() < 1e-9, "{persons}");
        }
    }

    /// Every cell that can be, as rounding shows it: there are just as many ways as levels.
    #[test]
    fn levels_are_the_ways_in_which_a_cell_is_shown() {
        let rules = *Profile::named("hospital").unwrap().rules().unwrap();
        let (k, base) = (rules.persons_per_cell_min, rules.rounding_base);
        let (persons, range) = (31_u64, 3_i128);
        let counts: BTreeSet<_> = (k..=persons).map(|n| rounding::count(n, k, base)).collect();
        let most = i128::from(persons) * range;
        let sums: BTreeSet<_> = (0..=most).map(|sum| rounding::sum(sum, base, range)).collect();
        let squares = (0..=most * range).map(|sum| rounding::sum(sum, base, range * range));
        let squares: BTreeSet<_> = squares.collect();
        let bounds = Bounds { low: 0, high: 3, grid: Grid::new(1.0).unwrap() };
        let check = |kind, ways: usize| {
            let wanted = f64::from(u32::try_from(ways + 1).unwrap()).log2();
            assert!((cell_bits(&rules, &kind, persons) - wanted).abs() < 1e-9, "{ways}");
        };
        check(OutputKind::Count, counts.len());
        check(OutputKind::Sum(bounds), counts.len() * sums.len());
        check(OutputKind::Moments(bounds), counts.len() * sums.len() * squares.len());
    }
}
