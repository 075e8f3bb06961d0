//! Rule: no coefficient is fitted to so few persons that it describes one of them.
//!
//! Statement: what is fitted by a regression is withheld if fewer than `regression_freedom_min`
//! degrees of freedom are left (persons less parameters), if there are more parameters than one
//! for every `regression_persons_per_parameter` persons, or if a column of zeros and ones has fewer
//! than k persons with either. Source: degrees of freedom from ACRO, parameters and binary columns
//! from DataSHIELD's `glmDS2`, with stricter numbers. Worked number: among 200 persons `hospital`
//! lets 20 parameters be fitted, and none of them for a sign that nine persons have. Answers the
//! attack saturated-model, column by column: of two columns that differ in one person each may be
//! had by enough, and that person's value is told all the same (a test does it). Before an output
//! kind fits anything, columns are to be compared as `nested.rs` compares sets.

use crate::protect::Rules;

/// What is fitted to whom; `columns` are the parameters, that of the intercept among them.
#[derive(Clone, Copy, Debug)]
pub(in crate::protect) struct Design<'d> {
    /// Persons.
    pub(in crate::protect) persons: u64,
    /// Parameters, one for each column of the design matrix.
    pub(in crate::protect) columns: u64,
    /// Of each column that holds zeros and ones: persons with zero, persons with one.
    pub(in crate::protect) binary: &'d [[u64; 2]],
}

/// Whether what is fitted to `design` may be shown.
pub(in crate::protect) fn passes(rules: &Rules, design: &Design<'_>) -> bool {
    let Design { persons, columns, binary } = *design;
    let freedom = persons.checked_sub(columns);
    let enough = columns.checked_mul(rules.regression_persons_per_parameter);
    freedom.is_some_and(|freedom| freedom >= rules.regression_freedom_min)
        && enough.is_some_and(|enough| enough <= persons)
        && binary.as_flattened().iter().all(|level| *level >= rules.persons_per_cell_min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::Profile;

    fn passes(profile: &str, persons: u64, columns: u64, binary: &[[u64; 2]]) -> bool {
        let rules = *Profile::named(profile).unwrap().rules().unwrap();
        super::passes(&rules, &Design { persons, columns, binary })
    }

    #[test]
    fn worked_numbers() {
        assert!(passes("hospital", 200, 20, &[[190, 10], [10, 190]]));
        assert!(!passes("hospital", 200, 21, &[]));
        assert!(!passes("hospital", 199, 20, &[]));
        assert!(!passes("hospital", 200, 20, &[[191, 9]]));
        assert!(!passes("hospital", 200, 20, &[[9, 191]]));
        assert!(passes("strict", 400, 20, &[[380, 20]]));
        assert!(!passes("strict", 399, 20, &[]));
    }

    /// A dummy for each person, with or without an intercept; and numbers that no data have.
    #[test]
    fn a_saturated_model_and_absurd_numbers_are_withheld() {
        for persons in [0, 1, 10, 1_000] {
            assert!(!passes("hospital", persons, persons, &[]));
            assert!(!passes("hospital", persons, persons + 1, &[]));
            assert!(!passes("hospital", persons, u64::MAX, &[]));
        }
        // One parameter of ten persons leaves nine degrees of freedom.
        assert!(!passes("hospital", 10, 1, &[]));
        assert!(passes("hospital", 11, 1, &[]));
    }

    /// What the rule does not see: 100 persons have one sign, they and the target another, and what
    /// is fitted to both signs is the target's value, to the last digit.
    #[test]
    fn two_signs_that_one_person_parts_pass_and_tell_the_persons_value() {
        let (persons, target, secret) = (200_u32, 100_u32, 87.5);
        let value = |person: u32| match person == target {
            true => secret,
            false => f64::from(person.wrapping_mul(2_654_435_761) % 997) / 10.0,
        };
        let row = |person: u32| {
            let sign = |has: bool| f64::from(u8::from(has));
            [1.0, sign(person < target), sign(person <= target)]
        };
        let levels = |column: usize| {
            let with = (0..persons).filter(|person| row(*person)[column] > 0.0).count() as u64;
            [u64::from(persons) - with, with]
        };
        assert!(passes("hospital", persons.into(), 3, &[levels(1), levels(2)]));
        assert!(passes("strict", persons.into(), 3, &[levels(1), levels(2)]));
        // The normal equations, solved by elimination.
        let mut equations = [[0.0; 4]; 3];
        for person in 0..persons {
            let row = row(person);
            for (at, equation) in equations.iter_mut().enumerate() {
                (0..3).for_each(|other| equation[other] += row[at] * row[other]);
                equation[3] += row[at] * value(person);
            }
        }
        for pivot in 0..3 {
            let by = equations[pivot].map(|number| number / equations[pivot][pivot]);
            for equation in &mut equations {
                let times = equation[pivot];
                (0..4).for_each(|at| equation[at] -= times * by[at]);
            }
            equations[pivot] = by;
        }
        let [intercept, _, second] = equations.map(|equation| equation[3]);
        assert!((intercept + second - secret).abs() < 1e-9, "{}", intercept + second);
    }
}
