//! Rule: no cell describes fewer than k persons.
//!
//! Statement: a cell is withheld if fewer than k persons contributed to it or, where it sums
//! values, fewer than k contributed a value other than zero, other than the lower bound, or other
//! than the upper bound: a sum over [1, 2] is a count of twos. (And every cell is withheld if fewer
//! persons than the smallest study population contributed anything.) Source: ACRO's minimum
//! threshold; Griffiths et al., "Handbook on Statistical Disclosure Control for Outputs" (2019).
//! Worked number: with k = 10 a sum over 1,844 zeros and three ones is withheld, as the count of
//! the three would be. Answers the attacks single-person-cell, zero-padding and indicator-sum.

use cloister_contract::study::OutputKind;

use super::Rules;
use crate::faults::{Mechanism, off};
use cloister_contract::partial::Cell;

/// Whether `cell` of an output of `kind` has enough persons to be shown.
pub(super) fn passes(rules: &Rules, kind: &OutputKind, cell: &Cell) -> bool {
    let k = rules.persons_per_cell_min;
    let sums = matches!(kind, OutputKind::Sum(_) | OutputKind::Moments(_));
    let at_least = |least, rule, persons| persons >= least || off(rule);
    let others = [
        (Mechanism::ThresholdNonzero, cell.nonzero),
        (Mechanism::ThresholdAtBounds, cell.persons.saturating_sub(cell.at_low)),
        (Mechanism::ThresholdAtBounds, cell.persons.saturating_sub(cell.at_high)),
    ];
    at_least(k, Mechanism::ThresholdPersons, cell.persons)
        && (!sums || others.into_iter().all(|(rule, persons)| at_least(k, rule, persons)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::Profile;
    use cloister_contract::grid::Grid;
    use cloister_contract::study::Bounds;

    #[test]
    fn the_ninth_person_is_too_few() {
        let rules = *Profile::named("hospital").unwrap().rules().unwrap();
        let grid = Grid::new(1.0).unwrap();
        let sum = OutputKind::Sum(Bounds { low: 0, high: 1, grid });
        let cell = |persons, nonzero| Cell { persons, nonzero, ..Cell::default() };
        let shown = |kind: &OutputKind, cell| passes(&rules, kind, &cell);
        assert!(shown(&OutputKind::Count, cell(10, 10)));
        assert!(!shown(&OutputKind::Count, cell(9, 9)));
        assert!(shown(&sum, cell(1_847, 10)));
        assert!(!shown(&sum, cell(1_847, 3)));
        assert!(!shown(&sum, cell(9, 9)));
        // Bounds of [1, 2]: everybody is other than zero, and seven are other than one.
        let at = |at_low, at_high| Cell { at_low, at_high, ..cell(200, 200) };
        assert!(!shown(&sum, at(193, 7)));
        assert!(!shown(&sum, at(7, 193)));
        assert!(shown(&sum, at(190, 10)));
    }
}
