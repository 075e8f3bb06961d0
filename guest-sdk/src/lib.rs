//! Write an analysis of one person; compile it to a guest that a Cloister host runs.
//!
//! A study is a crate with a study file, here `study.toml`, and a function `analyse`. The file is
//! the whole contract; [`study!`] makes its types, and the host calls `analyse` once per person.
//!
//! ```
//! use cloister_guest::Date;
//!
//! cloister_guest::study!("study.toml");
//!
//! /// Everything that one person contributes.
//! fn analyse(person: &Person, params: &Params, out: &mut Outputs) {
//!     let year = params.snapshot_date.year();
//!     let born = person.person().next().and_then(|row| row.year_of_birth);
//!     let age = born.and_then(|born| Age::of(i64::from(year) - born)).unwrap_or(Age::OTHER);
//!     let opioid = |row: DrugEraRow| params.codes.opioid.contains(row.drug_concept_id);
//!     let opioid = if person.drug_era().any(opioid) { Opioid::Taken } else { Opioid::NeverTaken };
//!     out.persons.add(age, opioid);
//!
//!     let last = person.fracture().filter_map(|row| row.condition_start_date).last();
//!     let days_ago = last.map(|day: Date| params.snapshot_date - day);
//!     if let Some(days) = days_ago.filter(|days| *days < params.days) {
//!         out.fractured.add(age, opioid);
//!         out.days_ago.add(opioid, days);
//!     }
//! }
//!
//! // In a study this is a `#[test]`: natively, the same function over the same frames.
//! fn main() {
//!     let broken = "2020-01-20".parse().ok();
//!     let person = Person::builder()
//!         .person(PersonRow { year_of_birth: Some(1950) })
//!         .fracture(FractureRow { condition_start_date: broken })
//!         .fracture(FractureRow { condition_start_date: None })
//!         .drug_era(DrugEraRow { drug_concept_id: Some(1124957) });
//!     let study = Study::test()
//!         .days(30)
//!         .opioid([21604254, 1124957])
//!         .snapshot_date(Date::from_days(18_291)); // 2020-01-30
//!
//!     let found = study.run(person);
//!     assert_eq!(found.persons, [(Age::of(70).unwrap(), Opioid::Taken)]);
//!     assert_eq!(found.fractured, found.persons);
//!     assert_eq!(found.days_ago, [(Opioid::Taken, 10.0)]);
//! }
//! ```
//!
//! # What `study!` makes
//!
//! | from the study file | in Rust |
//! |---|---|
//! | `[tables.drug_era]` | `person.drug_era()`, [`Rows`] of `DrugEraRow`, an `Option` per column |
//! | `[params]` | `Params`, a field each; always `params.snapshot_date` |
//! | `[codes]` | `params.codes`, a [`ConceptSet`] or [`TextSet`] each |
//! | a dimension of labels | `Opioid::NeverTaken`, `Opioid::of("never taken")`; `Opioid::Other` |
//! | a dimension of edges | `Age::of(34)`, `None` if in no bin; `Age::OTHER` |
//! | … of a parameter's edges | `Age::of(34, params)`, `Age::other(params)` |
//! | a dimension of a range | `Age::of(34)` for whole numbers; `Age::OTHER` |
//! | an output | `out.persons.add(…)`: its dimensions in the order of `by`, then a value |
//! | for tests | `Person::builder()`, `Study`, `Found` |
//!
//! `Other`, `OTHER` and `other` are there where the study file says `other = true`. A `count`
//! takes no value; `sum`, `moments` and `histogram` take any [`Number`]; one that is not finite is
//! as good as none. What a person contributes to one cell is added and then clamped to the bounds.
//!
//! | column | in a row | parameter | in `Params` |
//! |---|---|---|---|
//! | `int` | `i64` | `int` | `i64` |
//! | `float` | `f64` | `float` | `f64` |
//! | `bool` | `bool` | `bool` | `bool` |
//! | `date` | [`Date`] | `date` | [`Date`] |
//! | `datetime` | [`DateTime`] | `enum` | an enum: `Mode` for `mode` |
//! | `category` | an enum with `Other`: `VisitKind` | `floats`, `edges` | `Vec<f64>` |
//! | `text` | `&str` | `concepts` | `Vec<i64>` |
//! | `link` | [`Link`] | | |
//!
//! `VisitKind` is for the column `kind` of `[tables.visit]`. Two things that need one Rust name are
//! a mistake in the study file, and so is one that needs a name of the table above.
//!
//! # Dates
//!
//! [`Date`] counts days: `later - earlier` is the days between, an `i64`; `date.year()`;
//! `date.years_since(born)` is an age; `date.plus_days(30)`; `date.days()` since 1970-01-01.
//!
//! | asked again and again | by |
//! |---|---|
//! | the first event from day 1 to day 30 | [`first_in_window`] |
//! | no event in the year before | [`washed_out`] |
//! | observed for a year before, and on the day | [`observed`] |
//! | prescriptions with short gaps as one | [`eras`] |
//! | a measurement in one unit | [`convert`] |
//!
//! # Tests
//!
//! `Study::test()` has the default parameters, the code sets as listed and the snapshot date
//! 2020-01-01; each parameter and code set has a setter of its name. Descendants of concepts are in
//! no study file: a test that needs some lists them. `study.run(person)` gives `Found`: for each
//! output what its `add` was given, in call order, and `found.contributions()` as the host gets
//! them. `Person::builder()` takes rows in any order; the host's encoder sorts them and cuts them
//! to `rows_max`. A `where` on a column that the study declares is applied; for another column add
//! only rows that pass. `Study::replay` runs the frames of a host.
//!
//! # What does not compile
//!
//! What is not in the study file. A label of another dimension:
//!
//! ```compile_fail,E0308
//! cloister_guest::study!("study.toml");
//! fn analyse(_: &Person, _: &Params, out: &mut Outputs) {
//!     out.persons.add(Opioid::Taken, Age::OTHER); // `by` says age, then opioid
//! }
//! # fn main() {}
//! ```
//!
//! A dimension that is not named, or a value for a count:
//!
//! ```compile_fail,E0061
//! # cloister_guest::study!("study.toml");
//! # fn analyse(_: &Person, _: &Params, out: &mut Outputs) {
//! out.persons.add(Age::OTHER);
//! # }
//! # fn main() {}
//! ```
//!
//! ```compile_fail,E0061
//! # cloister_guest::study!("study.toml");
//! # fn analyse(_: &Person, _: &Params, out: &mut Outputs) {
//! out.persons.add(Age::OTHER, Opioid::Taken, 2.0);
//! # }
//! # fn main() {}
//! ```
//!
//! A table, a column, a parameter or an output that is not declared:
//!
//! ```compile_fail,E0599
//! # cloister_guest::study!("study.toml");
//! # fn analyse(person: &Person, _: &Params, _: &mut Outputs) {
//! let _ = person.death();
//! # }
//! # fn main() {}
//! ```
//!
//! ```compile_fail,E0609
//! # cloister_guest::study!("study.toml");
//! # fn analyse(person: &Person, _: &Params, _: &mut Outputs) {
//! let _ = person.person().next().map(|row| row.person_id);
//! # }
//! # fn main() {}
//! ```
//!
//! ```compile_fail,E0609
//! # cloister_guest::study!("study.toml");
//! # fn analyse(_: &Person, params: &Params, _: &mut Outputs) {
//! let _ = params.weeks;
//! # }
//! # fn main() {}
//! ```
//!
//! ```compile_fail,E0609
//! # cloister_guest::study!("study.toml");
//! # fn analyse(_: &Person, _: &Params, out: &mut Outputs) {
//! out.deaths.add(Age::OTHER, Opioid::Taken);
//! # }
//! # fn main() {}
//! ```
//!
//! A mistake in the study file itself, which the compiler reports with its place:
//!
//! ```compile_fail
//! cloister_guest::study!("no-such-file.toml");
//! # fn main() {}
//! ```

mod cells;
mod channel;
mod codes;
mod days;
mod params;
mod rows;
mod units;
mod values;

#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(not(target_arch = "wasm32"))]
mod person_rows;
#[cfg(not(target_arch = "wasm32"))]
mod trial;

// What an analysis reads.
pub use cloister_contract::date::{Date, NotADate};
pub use codes::{ConceptSet, TextSet};
pub use rows::{Row, Rows};
pub use values::{DateTime, Link, Number};

// What an analysis asks of dates and measurements.
pub use days::{Eras, eras, first_in_window, observed, washed_out};
pub use units::{Unit, convert};

// What an analysis writes.
pub use channel::Contribution;

// The types of a study file.
pub use cloister_guest_macros::study;

/// What `study!` names in the code that it writes: no part of the SDK's promise.
#[doc(hidden)]
pub mod generated {
    pub use cloister_contract::frame::{InitFrame, PersonFrame, TableView};

    pub use crate::cells::{Bin, Dimension, Label, cell, label_of};
    pub use crate::channel::{Channel, Log};
    pub use crate::params::Param;
    pub use crate::rows::{Column, Field};

    #[cfg(target_arch = "wasm32")]
    pub use crate::exports::{Guest, arena};
    #[cfg(not(target_arch = "wasm32"))]
    pub use crate::person_rows::PersonRows;
    #[cfg(not(target_arch = "wasm32"))]
    pub use crate::trial::{Trial, init_frame, wrong};
}
