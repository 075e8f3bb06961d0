//! Decides which cells are withheld: first each alone, then pairs, then all of them together.

use super::exact::{Exact, bounds};
use super::priority::Priorities;
use super::{History, Rules};
use super::{complement, dominance, group, history, nested, recovered, relations, threshold};
use crate::faults::{Mechanism, off};

/// Which cells are withheld, by their flat indices.
pub(super) fn withheld(rules: &Rules, exact: &Exact<'_>, history: &History) -> Vec<bool> {
    if exact.population < rules.population_min && !off(Mechanism::PopulationMin) {
        return vec![true; exact.cells.len()];
    }
    let order = Priorities::new(exact);
    let (sets, parts) = (exact.sets(), group::parts(exact));
    let pairs = nested::pairs(rules, exact, &sets, &order);
    let mut withheld = alone(rules, exact);
    let few = |part: &&group::Part| group::is_nearly_all(exact, **part, rules.persons_per_cell_min);
    if !off(Mechanism::GroupDisclosure) {
        for part in parts.iter().filter(few) {
            if let Some(withheld) = withheld.get_mut(part.cell) {
                *withheld = true;
            }
        }
    }
    if rules.compares_releases && !off(Mechanism::EarlierReleases) {
        history::withhold(rules, exact, &sets, (history, &order), &mut withheld);
    }
    if !off(Mechanism::NestedSets) {
        nested::separate(&pairs, &order, &mut withheld);
    }
    if !off(Mechanism::Complement) {
        let system = relations::system(rules, exact, &sets, &parts, &pairs);
        complement::complement(&system, &order, rules.protection_width, &mut withheld);
    }
    withheld
}

/// The cells that are withheld whatever the others are.
pub(super) fn alone(rules: &Rules, exact: &Exact<'_>) -> Vec<bool> {
    let mut withheld = vec![true; exact.cells.len()];
    for (_, output, places) in exact.outputs() {
        for at in places.first..places.end() {
            let cell = exact.cell(at);
            let (sum, shown) = (bounds(&output.kind), exact.shown(rules, &output.kind, at));
            let dominated = sum.is_some_and(|b| dominance::dominated(rules, b, &cell));
            let constant = sum.is_some() && group::is_constant(&cell, rules.persons_per_cell_min);
            let told = recovered::tells_persons(rules, &output.kind, &shown);
            let safe = threshold::passes(rules, &output.kind, &cell)
                && (!dominated || off(Mechanism::Dominance))
                && (!constant || off(Mechanism::OneValue))
                && (!told || off(Mechanism::PersonsOfSums));
            if let Some(withheld) = withheld.get_mut(at) {
                *withheld = !safe;
            }
        }
    }
    withheld
}
