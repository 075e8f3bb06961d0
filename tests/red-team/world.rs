//! The site's data, made anew for every run: ordinary persons, and one whom the guest is after.
//!
//! What ordinary persons say lies in the middle of the intervals that `hospital` shows, so that
//! one honest person more or less, whatever the person's values, changes no shown number.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// One of the worlds that nobody outside may tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum World {
    /// With the target.
    With,
    /// Without the target.
    Without,
    /// With the target as an ordinary person.
    Flipped,
}

/// A site's data.
#[derive(Clone, Debug)]
pub(crate) struct Data {
    /// Persons, the target among them.
    pub(crate) persons: i64,
    /// Persons who share the secret, the target among them.
    pub(crate) group: i64,
    /// Whether a person's row is there twice.
    pub(crate) twice: bool,
    /// Whether there is a row without a key.
    pub(crate) nobody: bool,
    /// How many persons the site publishes: more than there are, so that the ledger stops nobody
    /// who does not try it.
    pub(crate) published: u64,
    /// The dataset's name.
    pub(crate) name: &'static str,
    /// The day on which the data were taken.
    pub(crate) snapshot: &'static str,
    /// What `dataset.toml` says of unit, tables and views.
    pub(crate) description: String,
    /// The site's own policies; by default it has none.
    pub(crate) policies: Option<&'static str>,
}

/// Tables as the study declares them.
const PLAIN: &str = r#"
unit = { table = "person", key = "person_id", type = "int" }
[tables]
person = { path = "person.csv", format = "csv" }
visit = { path = "visit.csv", format = "csv" }
"#;

impl Data {
    pub(crate) fn new(persons: i64, group: i64) -> Self {
        let description = PLAIN.to_owned();
        Self {
            persons,
            group,
            twice: false,
            nobody: false,
            published: 60_000,
            name: "site",
            snapshot: "2020-01-01",
            description,
            policies: None,
        }
    }

    /// Writes the dataset into `folder`; `exact` numbers may be shown of synthetic data alone.
    pub(crate) fn write(&self, folder: &Path, world: World, exact: bool) {
        let mut person = "person_id,secret,mark\n".to_owned();
        let mut visit = "person_id,day,note\n".to_owned();
        let mut add = |id: i64, secret: bool, mark: i64| {
            writeln!(person, "{id},{},{mark}", u8::from(secret)).unwrap();
            if secret {
                for day in 1..=3 {
                    writeln!(visit, "{id},2019-06-0{day},Jane Doe b. 1950").unwrap();
                }
            } else {
                writeln!(visit, "{id},2019-05-05,ok").unwrap();
            }
        };
        for at in 0..self.persons - 1 {
            add(1_000 + 2 * at, at < self.group - 1, at % 20);
        }
        if world != World::Without {
            // An odd number, so that the target is neither the first nor the last to be called.
            add(1_001 + self.persons / 2 * 2, world == World::With, 2);
        }
        if self.twice {
            add(1_000, false, 0);
        }
        if self.nobody {
            person += ",0,0\n";
        }
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("person.csv"), person).unwrap();
        fs::write(folder.join("visit.csv"), visit).unwrap();
        let head = format!(
            "name = \"{}\"\nsnapshot_date = \"{}\"\npublished_persons = {}\n\
             synthetic = {exact}\n",
            self.name, self.snapshot, self.published
        );
        fs::write(folder.join("dataset.toml"), head + &self.description).unwrap();
        if let Some(policies) = self.policies {
            fs::create_dir_all(folder.join("policies")).unwrap();
            fs::write(folder.join("policies/ours.cedar"), policies).unwrap();
        }
    }
}
