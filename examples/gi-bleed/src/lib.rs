//! GI bleeding after celecoxib or diclofenac: who was exposed, who bled, and after how many days.

cloister_guest::study!("study.toml");

/// Everything that one person contributes: the first exposure decides the arm and day 0, the first
/// bleeding within the horizon counts, day 0 included.
fn analyse(person: &Person, params: &Params, out: &mut Outputs) {
    let first = |era: DrugEraRow| Some((era.drug_era_start_date?, era.drug_concept_id?));
    let Some((index, drug)) = person.drug_era().find_map(first) else { return };
    let celecoxib = params.codes.celecoxib.contains(drug);
    let arm = if celecoxib { Arm::Celecoxib } else { Arm::Diclofenac };
    let born = person.person().next().and_then(|row| row.year_of_birth);
    let age = born.and_then(|year| Age::of(i64::from(index.year()) - year)).unwrap_or(Age::OTHER);
    out.exposed.add(arm, age);

    let mut days = person.outcome().filter_map(|row| Some(row.condition_start_date? - index));
    if let Some(days) = days.find(|days| (0..=params.horizon_days).contains(days)) {
        out.bled.add(arm, age);
        out.days_to_bleed.add(arm, days);
    }
}

#[cfg(test)]
mod tests;
