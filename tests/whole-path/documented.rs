//! The table in `docs/privacy.md`: GiBleed as a site releases it under each profile.
//!
//! Columns of profiles without noise are what a run shows. The others are one draw each, which no
//! run shows again: they and a run of today are held to the exact numbers by the same rules.

use std::fs;
use std::path::Path;

use cloister_contract::release::{CellDocument, ReleaseDocument};

use crate::harness::{People, exact, example, fresh, gibleed, root, succeed, text};

const HEAD: &str =
    "| arm | age | `exact` | `hospital` | `cms` | `strict` | `strict`, open | `public` |
|---|---|---|---|---|---|---|---|
";

/// How many σ noise is off by less than once in 10⁹ draws.
const SURE: f64 = 6.5;

/// GiBleed's release under a profile, with more arguments, to `people` who have paid nothing yet.
pub(crate) fn under(profile: &[&str], people: &People, signed: &Path) -> ReleaseDocument {
    let out = fresh();
    let out = out.path().join("release");
    let mut arguments = people.run(signed, &gibleed(), &out);
    arguments.push("--profile".to_owned());
    arguments.extend(profile.iter().copied().map(str::to_owned));
    succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    ReleaseDocument::decode(&fs::read(out.join("release.json")).unwrap()).unwrap()
}

/// The same, of a site that was asked nothing before, and has approved the module.
fn at_a_fresh_site(profile: &[&str]) -> ReleaseDocument {
    let people = People::new();
    let signed = people.signed(&example("gi-bleed"));
    let (key, data) = (people.file("site.key"), gibleed());
    let approve = ["approve", text(&signed), "--key", text(&key), "--dataset", text(&data)];
    succeed(&[&approve[..], &["--valid-until", "2999-12-31"]].concat());
    under(profile, &people, &signed)
}

/// How a column comes to its numbers.
enum Column {
    /// By exact numbers alone.
    Sure,
    /// Each number is off by five persons at most, and shown as such an interval.
    Keyed,
    /// Each number is off by noise of this σ.
    Noised(f64),
}

impl Column {
    /// Whether `shown` can be shown of `n` persons, where one run of today shows `today`.
    fn allows(&self, shown: Option<[u64; 2]>, today: Option<[u64; 2]>, n: u64) -> bool {
        match (self, shown) {
            (Self::Sure, shown) => shown == today,
            // What is withheld for another's sake goes by intervals that noise has moved.
            (Self::Keyed, None) => n < 100,
            (Self::Keyed, Some(shown)) => {
                // k = 20, b = 10, d = 5, as the worked number of the rule has it.
                let interval = |off: u64| {
                    let noised = (n + off).saturating_sub(5).max(20);
                    let low = noised - noised % 10;
                    [(low - 5).max(20), low + 9 + 5]
                };
                let right = |shown| n >= 20 && (0..=10).any(|off| interval(off) == shown);
                right(shown) && today.is_none_or(right)
            }
            (Self::Noised(sigma), None) => (n as f64) < 20.0 + SURE * sigma,
            (Self::Noised(sigma), Some([low, high])) => {
                let width = (1.96 * sigma).ceil();
                let noised = high as f64 - width;
                let ends = (noised - width).max(0.0).total_cmp(&(low as f64)).is_eq();
                ends && noised >= 20.0 && (noised - n as f64).abs() < SURE * sigma
            }
        }
    }
}

/// The columns, each with a run of today.
fn columns() -> [(Column, ReleaseDocument); 6] {
    // By hand: five quantities share ρ = 0.004443, or 0.000961; a person is in one cell of `bled`
    // and in two of its margins.
    let sigma = |rho: f64| Column::Noised((3.0 * 5.0 / (2.0 * rho)).sqrt());
    let exact = ReleaseDocument::decode(&exact(&example("gi-bleed"), &gibleed(), &[])).unwrap();
    [
        (Column::Sure, exact),
        (Column::Sure, at_a_fresh_site(&["hospital"])),
        (Column::Sure, at_a_fresh_site(&["cms"])),
        (Column::Keyed, at_a_fresh_site(&["strict"])),
        (sigma(0.004_443), at_a_fresh_site(&["strict", "--tier", "open"])),
        (sigma(0.000_961), at_a_fresh_site(&["public"])),
    ]
}

fn bled(release: &ReleaseDocument) -> Vec<&CellDocument> {
    release.cells.iter().filter(|cell| cell.output == "bled").collect()
}

/// Arm and age of a line.
fn labels(cell: &CellDocument) -> [&str; 2] {
    ["arm", "age"].map(|name| cell.cell.get(name).unwrap_or("all"))
}

/// The lines of a table of today's runs.
fn table(columns: &[(Column, ReleaseDocument)]) -> String {
    let releases: Vec<_> = columns.iter().map(|(_, release)| bled(release)).collect();
    let lines = (0..releases[0].len()).map(|at| {
        let shown = releases.iter().map(|cells| match cells[at].persons {
            Some([low, high]) if low == high => low.to_string(),
            Some([low, high]) => format!("{low}–{high}"),
            None => "withheld".to_owned(),
        });
        let labels = labels(releases[0][at]).map(str::to_owned);
        format!("| {} |\n", labels.into_iter().chain(shown).collect::<Vec<_>>().join(" | "))
    });
    HEAD.to_owned() + &lines.collect::<String>()
}

/// A field of the table, read back.
fn interval(field: &str) -> Option<[u64; 2]> {
    let number = |text: &str| text.parse().unwrap();
    match field.split_once('–') {
        Some((low, high)) => Some([number(low), number(high)]),
        None => (field != "withheld").then(|| [number(field); 2]),
    }
}

/// The table in `docs/privacy.md` is what a site can release under each profile, and where there is
/// no noise it is what a site releases.
#[test]
fn the_documentation_has_gibleed_as_each_profile_shows_it() {
    let columns = columns();
    let today = table(&columns);
    let documented = fs::read_to_string(root().join("docs/privacy.md")).unwrap();
    let lines = documented.split_once(HEAD).map(|(_, after)| after);
    let lines = lines.unwrap_or_else(|| panic!("docs/privacy.md should have\n\n{today}"));
    let lines: Vec<_> = lines.lines().take_while(|line| line.starts_with('|')).collect();
    let exact = bled(&columns[0].1);
    assert_eq!(lines.len(), exact.len(), "docs/privacy.md should have\n\n{today}");
    for (at, (line, exact)) in lines.iter().zip(exact).enumerate() {
        let fields: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(fields[..2], labels(exact));
        let n = exact.persons.unwrap()[0];
        assert_eq!(fields.len(), 2 + columns.len(), "{line}");
        for (field, (column, release)) in fields[2..].iter().zip(&columns) {
            let run = bled(release)[at].persons;
            let shown = interval(field);
            assert!(column.allows(shown, run, n), "{field} of {line}\nwrite, as of today\n{today}");
            assert!(column.allows(run, run, n), "a run shows {run:?} of {n} persons");
        }
    }
}

/// What holds the table can fail: another interval, number or structure is none of these columns'.
#[test]
fn no_other_number_is_documented() {
    let shown = Some([205, 224]);
    assert!(Column::Keyed.allows(shown, shown, 212) && Column::Keyed.allows(shown, shown, 205));
    for (other, today, n) in [
        (shown, shown, 204),
        (shown, shown, 225),
        (Some([210, 219]), shown, 212),
        (None, shown, 212),
    ] {
        assert!(!Column::Keyed.allows(other, today, n), "{other:?} of {n}");
    }
    let noised = Column::Noised(41.1);
    assert!(noised.allows(Some([274, 436]), None, 479) && noised.allows(None, shown, 143));
    for (other, n) in
        [(Some([274, 436]), 80), (Some([274, 437]), 355), (Some([0, 100]), 53), (None, 479)]
    {
        assert!(!noised.allows(other, shown, n), "{other:?} of {n}");
    }
}
