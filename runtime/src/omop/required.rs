//! The columns that say what happened to a person and when: of those that the CDM requires, the
//! ones without which hardly any study can read a table.

/// Tables of OMOP CDM 5.4, each with some of the columns that its specification marks as required.
/// Types, sources and ids of rows are required too, and few studies read them.
const REQUIRED: [(&str, &[&str]); 14] = [
    ("person", &["gender_concept_id", "year_of_birth"]),
    ("observation_period", &["observation_period_start_date", "observation_period_end_date"]),
    ("visit_occurrence", &["visit_concept_id", "visit_start_date", "visit_end_date"]),
    (
        "visit_detail",
        &["visit_detail_concept_id", "visit_detail_start_date", "visit_detail_end_date"],
    ),
    ("condition_occurrence", &["condition_concept_id", "condition_start_date"]),
    ("drug_exposure", &["drug_concept_id", "drug_exposure_start_date", "drug_exposure_end_date"]),
    ("procedure_occurrence", &["procedure_concept_id", "procedure_date"]),
    ("device_exposure", &["device_concept_id", "device_exposure_start_date"]),
    ("measurement", &["measurement_concept_id", "measurement_date"]),
    ("observation", &["observation_concept_id", "observation_date"]),
    ("death", &["death_date"]),
    ("specimen", &["specimen_concept_id", "specimen_date"]),
    ("drug_era", &["drug_concept_id", "drug_era_start_date", "drug_era_end_date"]),
    (
        "condition_era",
        &["condition_concept_id", "condition_era_start_date", "condition_era_end_date"],
    ),
];

/// What the table `name` with the columns `has` lacks; nothing where it is none of OMOP's.
pub(crate) fn lacks(name: &str, has: &[(String, String)]) -> Vec<&'static str> {
    let table = REQUIRED.iter().find(|(table, _)| table.eq_ignore_ascii_case(name));
    let wanted = table.map_or(&[][..], |(_, columns)| columns);
    let is_there = |column: &str| has.iter().any(|(name, _)| name.eq_ignore_ascii_case(column));
    wanted.iter().copied().filter(|column| !is_there(column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one_of_the_models() {
        for (name, columns) in REQUIRED {
            let table = crate::omop::table(name).unwrap();
            assert!(columns.iter().all(|column| table.column(column).is_some()), "{name}");
        }
    }
}
