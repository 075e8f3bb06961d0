//! Names of a study that look like OMOP's and are none: warnings, since a site may call its tables
//! and views what it likes.

use cloister_contract::study::{Study, Table};

use super::{ModelTable, table, tables};
use crate::nearest::nearest;

/// The unit key of OMOP's tables.
const UNIT_KEY: &str = "person_id";

/// What in `study` is a slip, most likely, each as a sentence. Nothing is said of tables that share
/// no column with the table of OMOP's that they are called like.
#[must_use]
pub fn slips(study: &Study) -> Vec<String> {
    let mut slips = Vec::new();
    for reads in &study.tables {
        if names(reads).any(|name| name.eq_ignore_ascii_case(UNIT_KEY)) {
            let from = &reads.from;
            slips.push(format!(
                "the study reads `{UNIT_KEY}` of table `{from}`: where it is the unit key, a site \
                 withholds it from every study, and refuses this one"
            ));
        }
        if let Some(model) = table(&reads.from) {
            of_columns(reads, model, &mut slips);
        } else if let Some(model) = nearest(&reads.from, tables().iter().map(|table| table.name))
            .and_then(table)
            .filter(|model| names(reads).any(|name| model.column(name).is_some()))
        {
            let (from, right) = (&reads.from, model.name);
            slips.push(format!("OMOP has no table `{from}`; did you mean `{right}`?"));
        }
    }
    slips
}

/// The columns that a study reads of a table, and those by which it filters.
fn names(reads: &Table) -> impl Iterator<Item = &str> {
    let columns = reads.columns.iter().map(|column| column.name.as_str());
    columns.chain(reads.filters.iter().map(|filter| filter.column.as_str()))
}

fn of_columns(reads: &Table, model: &ModelTable, slips: &mut Vec<String>) {
    let near = |name: &str| nearest(name, model.columns.iter().map(|(known, _)| *known));
    if !names(reads).any(|name| model.column(name).is_some() || near(name).is_some()) {
        return;
    }
    let from = model.name;
    for name in names(reads).filter(|name| model.column(name).is_none()) {
        let slip = format!("{from} has no column `{name}` in OMOP CDM 5.4");
        slips.push(match near(name) {
            Some(right) => format!("{slip}; did you mean `{right}`?"),
            None => format!("{slip}; your sites must add it, by a view for instance"),
        });
    }
    for column in &reads.columns {
        let (name, declared) = (&column.name, &column.kind);
        if let Some(ty) = model.column(name).filter(|ty| !ty.can_be(declared)) {
            let (declared, ty) = (declared.name(), ty.name());
            slips.push(format!("{from}.{name} is declared `{declared}`, and is `{ty}` in OMOP"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slips of a study that reads `tables`.
    fn of(tables: &str) -> Vec<String> {
        let text = format!(
            "[study]\nname = \"s\"\nversion = \"1.0.0\"\ntitle = \"t\"\npurpose = \"statistics\"\n\
             [codes]\nstroke = {{ concepts = [1] }}\n{tables}\n[dimensions]\na = [\"x\"]\n\
             [outputs]\nn = {{ kind = \"count\", by = [\"a\"] }}\n"
        );
        slips(&Study::parse("study.toml", &text).unwrap())
    }

    #[test]
    fn a_slip_is_told_with_the_nearest_name() {
        let found = of("[tables.stroke]\nfrom = \"condition_occurrence\"\nrows_max = 9\n\
            columns = { condition_start_dat = \"date\", condition_type_concept_id = \"int\" }\n\
            where = { conditon_concept_id = [\"stroke\"] }\n\
            [tables.drug_exposur]\nrows_max = 9\ncolumns = { drug_concept_id = \"int\" }");
        assert_eq!(
            found,
            [
                "condition_occurrence has no column `condition_start_dat` in OMOP CDM 5.4; did you \
                 mean `condition_start_date`?",
                "condition_occurrence has no column `conditon_concept_id` in OMOP CDM 5.4; did you \
                 mean `condition_concept_id`?",
                "OMOP has no table `drug_exposur`; did you mean `drug_exposure`?",
            ]
        );
    }

    #[test]
    fn a_type_that_cannot_be_is_told() {
        let text = "{ type = \"text\", bytes_max = 9 }";
        let found = of(&format!(
            "[tables.person]\ncolumns = {{ gender_concept_id = {text}, year_of_birth = \"float\", \
             birth_datetime = \"date\", provider_id = \"link\" }}"
        ));
        assert_eq!(found, ["person.gender_concept_id is declared `text`, and is `int` in OMOP"]);
    }

    #[test]
    fn the_unit_key_is_told_before_a_site_withholds_it() {
        let found = of("[tables.person]\ncolumns = { person_id = \"int\" }");
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("a site withholds it from every study"), "{found:?}");
    }

    #[test]
    fn a_table_that_is_not_omops_is_left_alone() {
        let found = of("[tables.person]\ncolumns = { hormone = \"bool\", tsize = \"int\" }\n\
            [tables.note]\nrows_max = 9\ncolumns = { grade = \"int\" }\n\
            [tables.visits]\nrows_max = 9\ncolumns = { ward = \"int\" }");
        assert_eq!(found, [""; 0]);
    }
}
