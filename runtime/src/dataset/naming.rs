//! Columns by their names, which have no case, and what to say where one is not there.

use super::DatasetError;
use crate::nearest::nearest;

/// What delimits columns, most often.
const DELIMITERS: [char; 4] = [';', ',', '\t', '|'];

/// Whether two names are the same without regard to case, in whatever script.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// The one of `names` that is `name` without regard to case.
pub(super) fn one_named<'n>(
    names: impl Iterator<Item = &'n str> + Clone,
    table: &str,
    name: &str,
) -> Result<&'n str, DatasetError> {
    let mut found = names.clone().filter(|found| same_name(found, name));
    match (found.next(), found.next()) {
        (Some(found), None) => Ok(found),
        (None, _) => Err(no_column(names, table, name)),
        (Some(_), Some(_)) => {
            let (table, column) = (table.to_owned(), name.to_owned());
            Err(DatasetError::TwoColumns { table, column })
        }
    }
}

/// That `table` has the columns `names`, and not `name`.
pub(super) fn no_column<'n>(
    names: impl Iterator<Item = &'n str> + Clone,
    table: &str,
    name: &str,
) -> DatasetError {
    let (table, column) = (table.to_owned(), name.to_owned());
    let mut first = names.clone();
    if let (Some(only), None) = (first.next(), first.next())
        && let Some(delimiter) = only.chars().find(|c| DELIMITERS.contains(c))
    {
        let escaped = |text: &str| text.replace('\t', "\\t");
        let (only, delimiter) = (escaped(only), escaped(&delimiter.to_string()));
        return DatasetError::OneColumn { table, only, delimiter };
    }
    let near = nearest(name, names.clone());
    let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
    let has = names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    DatasetError::NoColumn { table, column, has: format!("{near}it has {has}") }
}

#[cfg(test)]
mod tests {
    use super::same_name;

    #[test]
    fn a_name_has_no_case_in_any_script() {
        for (one, other) in [("ÄRZTIN", "ärztin"), ("ΟΔΟΣ", "οδος"), ("Name_X", "nAME_x")]
        {
            assert!(same_name(one, other), "{one} and {other}");
        }
        assert!(!same_name("ärztin", "arztin"));
    }
}
