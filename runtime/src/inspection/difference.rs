//! Two versions of a module side by side: contract, functions, data, sections.

use std::collections::{BTreeMap, BTreeSet};

use cloister_contract::study::Study;

use super::anatomy::{Anatomy, Constant, Function, SectionPart};
use super::contract::entries;
use super::strings;
use crate::page::{Column, Section, counted, grouped, numbers, plain, words};

/// Most rows of one table and lines of one list.
const ROWS_MAX: usize = 200;
/// Most constants of one function that came new.
const CONSTANTS_MAX: usize = 40;

/// Adds to `section` what differs between the contracts of two versions.
pub(super) fn contract(section: Section, before: &Study, now: &Study) -> Section {
    let section = section.heading("contract");
    let (before, now) = (entries(before), entries(now));
    let rows = contract_rows(&before, &now);
    if rows.is_empty() {
        return section.words("the contract says the same, word for word");
    }
    section.table(&[words("what"), words("before"), words("now")], rows)
}

type Entries = [(String, String)];

fn contract_rows(before: &Entries, now: &Entries) -> Vec<Vec<String>> {
    let find = |entries: &Entries, name: &str| {
        entries.iter().find(|(other, _)| other == name).map(|(_, words)| words.clone())
    };
    let mut rows = Vec::new();
    for (name, old) in before {
        match find(now, name) {
            None => rows.push(vec![format!("{name}: removed"), old.clone(), "–".to_owned()]),
            Some(new) if new != *old => {
                rows.push(vec![format!("{name}: changed"), old.clone(), new]);
            }
            Some(_) => {}
        }
    }
    for (name, new) in now {
        if find(before, name).is_none() {
            rows.push(vec![format!("{name}: added"), "–".to_owned(), new.clone()]);
        }
    }
    // Columns sort rows, and outputs number cells, in the file's order.
    let shared = |entries: &Entries, other: &Entries| -> Vec<String> {
        let names = entries.iter().map(|(name, _)| name);
        names.filter(|name| find(other, name).is_some()).cloned().collect()
    };
    let order = (shared(before, now), shared(now, before));
    if order.0 != order.1 {
        let moved = |(a, b): &(&String, &String)| a != b;
        let first = order.0.iter().zip(&order.1).find(moved);
        let (old, new) = first.map(|(a, b)| (a.clone(), b.clone())).unwrap_or_default();
        rows.push(vec![
            "the order: changed".to_owned(),
            format!("{old} comes first"),
            format!("{new} comes first"),
        ]);
    }
    rows
}

/// How the functions of two versions belong together.
#[derive(Debug, Default)]
pub(super) struct Functions<'a> {
    /// How many have the same body.
    pub(super) same: usize,
    /// The same instructions with other constants.
    pub(super) constants: Vec<(&'a Function, &'a Function)>,
    /// The same name, and other instructions.
    pub(super) changed: Vec<(&'a Function, &'a Function)>,
    pub(super) removed: Vec<&'a Function>,
    pub(super) added: Vec<&'a Function>,
}

impl<'a> Functions<'a> {
    /// Pairs functions that are most alike first: name and body, body, name and shape, name.
    pub(super) fn pair(before: &'a [Function], now: &'a [Function]) -> Self {
        let mut paired = Self {
            removed: before.iter().collect(),
            added: now.iter().collect(),
            ..Self::default()
        };
        let same = paired.take(|function| (&function.name, function.body));
        paired.same = same.len() + paired.take(|function| function.body).len();
        paired.constants = paired.take(|function| (&function.name, function.shape));
        paired.changed = paired.take(|function| &function.name);
        paired
    }

    /// Takes out pairs that have the same key.
    fn take<K: Ord>(
        &mut self,
        key: impl Fn(&'a Function) -> K,
    ) -> Vec<(&'a Function, &'a Function)> {
        let mut left: BTreeMap<K, Vec<&'a Function>> = BTreeMap::new();
        for function in self.removed.iter().rev() {
            left.entry(key(function)).or_default().push(function);
        }
        let mut pairs = Vec::new();
        self.added.retain(|new| {
            let old = left.get_mut(&key(new)).and_then(Vec::pop);
            pairs.extend(old.map(|old| (old, *new)));
            old.is_none()
        });
        let taken: BTreeSet<*const Function> =
            pairs.iter().map(|(old, _)| core::ptr::from_ref(*old)).collect();
        self.removed.retain(|old| !taken.contains(&core::ptr::from_ref(*old)));
        pairs
    }
}

/// Adds to `section` what differs between the code of two versions.
pub(super) fn code(section: Section, before: &Anatomy, now: &Anatomy) -> Section {
    let functions = Functions::pair(&before.functions, &now.functions);
    let mut section = section.heading("functions").words(&format!(
        "{} the same; {} with other constants only; {} changed; {} removed; {} added",
        grouped(functions.same as u64),
        functions.constants.len(),
        functions.changed.len(),
        functions.removed.len(),
        functions.added.len()
    ));
    let rows = function_rows(&functions);
    if !rows.is_empty() {
        section = section.table(FUNCTION_HEAD, capped(rows, 4)).words(
            "A constant may be the place of data that moved. Names are the authors' words; \
             functions without a name are paired by their bodies alone.",
        );
    }
    let came = constants_that_came(before, now);
    if !came.is_empty() {
        section = section.heading("constants that no function had before").list(came);
    }
    let texts = |anatomy: &Anatomy| strings::of(anatomy).into_iter().collect::<BTreeSet<_>>();
    let (old, new) = (texts(before), texts(now));
    let text = |sign: &str, text: &String| format!("{sign}: `{}`", plain(text));
    let gone = old.difference(&new).map(|gone| text("removed", gone));
    let added = new.difference(&old).map(|added| text("added", added));
    let lines: Vec<_> = gone.chain(added).take(ROWS_MAX).collect();
    if !lines.is_empty() {
        section = section.heading("texts in data").list(lines);
    }
    sections(section, before, now)
}

/// For each function of `now`, the constants in its code that were in none of `before`'s.
fn constants_that_came(before: &Anatomy, now: &Anatomy) -> Vec<String> {
    let known: BTreeSet<_> = before.functions.iter().flat_map(|one| &one.constants).collect();
    let line = |function: &Function| {
        let came: Vec<_> = function.constants.iter().filter(|one| !known.contains(one)).collect();
        let shown: Vec<_> = came.iter().take(CONSTANTS_MAX).map(|one| one.words()).collect();
        let more = came.len().saturating_sub(CONSTANTS_MAX);
        let more = if more == 0 { String::new() } else { format!(", and {more} more") };
        (!came.is_empty()).then(|| format!("`{}`: {}{more}", function.name, shown.join(", ")))
    };
    now.functions.iter().filter_map(line).take(ROWS_MAX).collect()
}

const FUNCTION_HEAD: &[Column] =
    &[words("function"), words("what"), numbers("bytes before"), numbers("bytes now")];

fn function_rows(functions: &Functions<'_>) -> Vec<Vec<String>> {
    let bytes = |function: &Function| grouped(function.bytes as u64);
    let pair = |what: &dyn Fn(&Function, &Function) -> String, pairs: &[(&Function, &Function)]| {
        let row = |(old, new): &(&Function, &Function)| {
            vec![format!("`{}`", new.name), what(old, new), bytes(old), bytes(new)]
        };
        pairs.iter().map(row).collect::<Vec<_>>()
    };
    let mut rows = pair(&|_, _| "changed".to_owned(), &functions.changed);
    rows.extend(pair(&|old, new| constants(old, new), &functions.constants));
    let one = |function: &&Function, what: &str, at: usize| {
        let mut row = vec![format!("`{}`", function.name), what.to_owned()];
        row.extend(["–".to_owned(), "–".to_owned()]);
        if let Some(cell) = row.get_mut(at) {
            *cell = bytes(function);
        }
        row
    };
    rows.extend(functions.removed.iter().map(|function| one(function, "removed", 2)));
    rows.extend(functions.added.iter().map(|function| one(function, "added", 3)));
    rows
}

fn constants(old: &Function, new: &Function) -> String {
    let list = |constants: BTreeSet<&Constant>| {
        let list = constants.into_iter().take(8).map(Constant::words);
        let list: Vec<_> = list.collect();
        if list.is_empty() { "none".to_owned() } else { list.join(", ") }
    };
    let gone = list(old.constants.difference(&new.constants).collect());
    let came = list(new.constants.difference(&old.constants).collect());
    format!("constants: {gone} became {came}")
}

fn sections(section: Section, before: &Anatomy, now: &Anatomy) -> Section {
    let key = |part: &SectionPart| (part.custom, part.name.clone());
    let mut rows = Vec::new();
    let old: BTreeMap<_, _> = before.sections.iter().map(|part| (key(part), part)).collect();
    let new: BTreeMap<_, _> = now.sections.iter().map(|part| (key(part), part)).collect();
    for (custom, name) in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let key = (*custom, name.clone());
        let (old, new) = (old.get(&key), new.get(&key));
        if old.map(|part| part.digest) != new.map(|part| part.digest) {
            let bytes = |part: Option<&&SectionPart>| {
                part.map_or_else(|| "–".to_owned(), |part| grouped(part.bytes as u64))
            };
            rows.push(vec![part_name(*custom, name), bytes(old), bytes(new)]);
        }
    }
    if rows.is_empty() {
        return section.heading("sections").words("every section is the same, byte for byte");
    }
    let head = [words("section that differs"), numbers("bytes before"), numbers("bytes now")];
    section.heading("sections").table(&head, capped(rows, 3))
}

/// A section's name for people; a custom one's is its author's.
pub(super) fn part_name(custom: bool, name: &str) -> String {
    if custom { format!("custom `{}`", plain(name)) } else { name.to_owned() }
}

/// The first rows, and how many more there are.
fn capped(mut rows: Vec<Vec<String>>, columns: usize) -> Vec<Vec<String>> {
    let more = rows.len().saturating_sub(ROWS_MAX);
    if more > 0 {
        rows.truncate(ROWS_MAX);
        let mut row = vec![format!("and {}", counted(more as u64, "more", "more"))];
        row.resize(columns, "–".to_owned());
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_that_came_is_told_however_small() {
        let anatomy = |more: &str| {
            let text = format!(
                "(module (func (export \"f\") (param i64) (result i64) \
                 (i64.add (local.get 0) (i64.const 7)) {more}))"
            );
            Anatomy::of(&wat::parse_str(text).unwrap()).unwrap()
        };
        let (before, now) = (anatomy(""), anatomy("(i64.rem_s (i64.const 1931))"));
        assert_eq!(constants_that_came(&before, &now), ["`f`: 1931"]);
        assert_eq!(constants_that_came(&now, &before), [""; 0]);
    }

    const GI_BLEED: &str = include_str!("../../../examples/gi-bleed/study.toml");

    fn study(text: &str) -> Study {
        Study::parse("study.toml", text).unwrap()
    }

    /// What the comparison says after `from` became `to` in the example's study file.
    fn told(from: &str, to: &str) -> Vec<String> {
        assert!(GI_BLEED.contains(from), "{from}");
        let (before, now) = (study(GI_BLEED), study(&GI_BLEED.replacen(from, to, 1)));
        let rows = contract_rows(&entries(&before), &entries(&now));
        rows.into_iter().map(|row| row.join(" | ")).collect()
    }

    #[test]
    fn a_change_of_the_contract_is_told_in_words() {
        assert_eq!(told("gi-bleed", "gi-bleed"), [""; 0]);
        assert_eq!(told("\"1.0.0\"", "\"1.0.1\""), ["version: changed | 1.0.0 | 1.0.1"]);
        let column = told("year_of_birth = \"int\"", "year_of_birth = \"int\", race = \"int\"");
        assert_eq!(column, ["column person.race: added | – | int"]);
        let moved = "order_by = \"drug_era_start_date\"           # then";
        assert_eq!(
            told(moved, "# then"),
            ["table drug_era: changed | \
              from drug_era; the first 200 rows of a person by drug_era_start_date; only where \
              drug_concept_id in celecoxib or diclofenac | \
              from drug_era; the first 200 rows of a person; only where drug_concept_id in \
              celecoxib or diclofenac"]
        );
    }

    #[test]
    fn no_field_of_the_contract_changes_unseen() {
        for (from, to) in [
            ("title = \"GI", "title = \"A GI"),
            ("scientific-research", "statistics"),
            ("min = 1, max", "min = 2, max"),
            ("max = 3650, default", "max = 3651, default"),
            ("default = 3650", "default = 365"),
            ("1118084", "1118085"),
            ("[192671], descendants = true", "[192671], descendants = false"),
            ("horizon_days = {", "days = {"),
            ("from = \"condition_occurrence\"", "from = \"condition_era\""),
            ("condition_concept_id = [\"gi_bleed\"]", "visit_concept_id = [\"gi_bleed\"]"),
            ("rows_max = 200", "rows_max = 201"),
            ("keep = \"first\"", "keep = \"last\""),
            ("keep = \"first\"", "keep = \"first\"\noptional = true"),
            ("drug_era_start_date = \"date\"", "drug_era_start_date = \"datetime\""),
            (
                "{ gender_concept_id = \"int\", year_of_birth = \"int\" }",
                "{ year_of_birth = \"int\", gender_concept_id = \"int\" }",
            ),
            ("[\"celecoxib\", \"diclofenac\"]\nage", "[\"diclofenac\", \"celecoxib\"]\nage"),
            ("60, 80", "65, 80"),
            (", other = true", ""),
            ("of = \"exposed\", ", ""),
            ("totals = [[\"arm\"], []] }\nbled", "totals = [[\"arm\"]] }\nbled"),
            ("by = [\"arm\", \"age\"], of", "by = [\"arm\", \"age\"], cells_per_person = 2, of"),
            ("bounds = [0, 3650]", "bounds = [0, 3660]"),
            ("grid = 1", "grid = 2"),
            ("kind = \"moments\"", "kind = \"sum\""),
            ("unit = \"day\"", "unit = \"days\""),
            ("fuel = 200_000", "fuel = 200_001"),
            ("memory_pages = 32", "memory_pages = 33"),
        ] {
            assert!(!told(from, to).is_empty(), "{from} became {to}");
        }
    }
}
