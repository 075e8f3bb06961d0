//! A dataset: what `dataset.toml` says about tables, unit, vocabulary and published numbers.

mod cast;
mod check;
mod columns;
mod csv;
mod describe;
mod description;
mod error;
mod filter;
mod naming;
mod prepare;
mod ranged;
mod register;
mod registered;
mod sensitive;
mod source;
mod unquoted;
mod view;
mod vocabulary;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cloister_contract::date::Date;
use cloister_contract::release::DatasetId;
use serde::{Deserialize, Serialize};

use crate::bounded::read_bounded;
use crate::nearest::nearest;
use description::{File, Format, TableFile};
use ranged::Prepared;

pub(crate) use columns::{column_slice, fit, normalise};
pub(crate) use ranged::Cut;
pub(crate) use source::Source;
pub(crate) use unquoted::unquoted;

pub use check::{CheckFinding, CheckedTable, Checkup, Severity, check};
pub use describe::{DescribeError, Described, describe};
pub use error::DatasetError;
pub use prepare::{PrepareError, PrepareTally, Written, prepare};
pub use register::{RegisterError, Snapshot, SnapshotFile, register, snapshot_file};
pub(crate) use registered::Registered;
pub use registered::registered;

/// A dataset, as its `dataset.toml` describes it.
#[derive(Clone, Debug)]
pub struct Dataset {
    file: PathBuf,
    text: String,
    name: String,
    snapshot_date: Date,
    published_persons: u64,
    population: String,
    /// What it says of itself, which counts for nothing by itself.
    declared: Kind,
    /// What counts.
    kind: Kind,
    registered: Option<Registered>,
    unit: Unit,
    withheld: Vec<String>,
    sensitive: Vec<String>,
    tables: BTreeMap<String, TableFile>,
    vocabulary: BTreeMap<String, TableFile>,
    views: BTreeMap<String, view::View>,
    prepared: Option<Prepared>,
}

/// Whether exact numbers of its persons may be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kind {
    /// They are invented.
    pub(crate) synthetic: bool,
    /// Anybody may have them.
    pub(crate) public: bool,
}

/// The table with one row per unit, and the key by which every table names the unit; without a
/// key each row is a person of its own.
#[derive(Clone, Debug)]
struct Unit {
    table: String,
    key: Option<String>,
    kind: Option<KeyKind>,
    /// The key's name in tables that call it otherwise; `key` is what views give it.
    keys: BTreeMap<String, String>,
}

/// The type of the unit key: the same in every table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KeyKind {
    /// A 64-bit integer.
    Int,
    /// UTF-8.
    Text,
}

/// Most bytes of a `dataset.toml` that are read: the views and tables of some thousand tables.
const DESCRIPTION_BYTES_MAX: u64 = 1 << 20;

/// The name of the epoch of data of which nobody says when they change: the day they were taken on.
pub(crate) fn unregistered(snapshot_date: &str) -> String {
    format!("{snapshot_date}{UNREGISTERED}")
}

/// Whether `epoch` is that of data which were registered: those have a random name.
pub(crate) fn is_registered_epoch(epoch: &str) -> bool {
    !epoch.ends_with(UNREGISTERED)
}

const UNREGISTERED: &str = " unregistered";

impl Dataset {
    /// Reads `file`, a `dataset.toml`; paths in it are relative to its folder.
    ///
    /// # Errors
    /// [`DatasetError`] if it cannot be read, parsed, or names a path that is not there.
    pub fn open(file: &Path) -> Result<Self, DatasetError> {
        if file.is_dir() {
            let what = "it is a folder; name the dataset.toml in it".to_owned();
            return Err(DatasetError::Parse { file: file.to_owned(), what });
        }
        let text = read_bounded(file, DESCRIPTION_BYTES_MAX)
            .map_err(|source| DatasetError::Read { file: file.to_owned(), source })?;
        Self::parse(file, text)
    }

    /// Reads `text`, which was in `file`: a worker gets it as its parent read it.
    ///
    /// # Errors
    /// [`DatasetError`] if it cannot be parsed, or names a path that is not there.
    pub(crate) fn parse(file: &Path, text: String) -> Result<Self, DatasetError> {
        let parse = |what: String| DatasetError::Parse { file: file.to_owned(), what };
        let found: File =
            toml::from_str(&text).map_err(|error| parse(error.to_string().trim().to_owned()))?;
        let snapshot_date = found.snapshot_date(&parse)?;
        if found.published_persons == 0 {
            let what = "`published_persons` is 0; write how many persons there are, rounded";
            return Err(parse(what.to_owned()));
        }
        let folder = file.parent().unwrap_or_else(|| Path::new("."));
        let unit = found.unit(&parse)?;
        let [tables, vocabulary] = found.tables(folder, &parse)?;
        let taken = |name: &str| tables.contains_key(name) || vocabulary.contains_key(name);
        let views = view::parse(found.views, taken)?;
        if !tables.contains_key(&unit.table) && !views.contains_key(&unit.table) {
            let table = &unit.table;
            return Err(parse(format!("the unit table `{table}` is no table and no view")));
        }
        if let Some(other) = unit.keys.keys().find(|table| !tables.contains_key(*table)) {
            return Err(parse(format!("`unit.keys` has `{other}`, which is not under `[tables]`")));
        }
        if found.prepared.as_ref().is_some_and(|prepared| !prepared.is_sound()) {
            return Err(parse("the cuts of `[prepared]` do not ascend".to_owned()));
        }
        Ok(Self {
            file: file.to_owned(),
            text,
            population: found.population.unwrap_or_else(|| found.name.clone()),
            name: found.name,
            snapshot_date,
            published_persons: found.published_persons,
            declared: Kind { synthetic: found.synthetic, public: found.public },
            kind: Kind::default(),
            registered: None,
            unit,
            withheld: found.withheld,
            sensitive: found.sensitive,
            tables,
            vocabulary,
            views,
            prepared: found.prepared,
        })
    }

    /// Whether a study can read `name`: a table, or a view.
    fn has(&self, name: &str) -> bool {
        self.tables.contains_key(name) || self.views.contains_key(name)
    }

    /// ` (did you mean `x`?)`, if a table or view has nearly the name of one that is not there.
    fn near(&self, name: &str) -> String {
        let names = self.tables.keys().chain(self.views.keys()).map(String::as_str);
        nearest(name, names).map_or(String::new(), |near| format!(" (did you mean `{near}`?)"))
    }

    /// What `table` calls the unit key; `None` where each row is a person.
    fn key_of(&self, table: &str) -> Option<&str> {
        self.unit.keys.get(table).or(self.unit.key.as_ref()).map(String::as_str)
    }

    /// The file that describes it.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The text of that file.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The files and folders that its tables are in; and the targets of links in such a folder.
    pub(crate) fn places(&self) -> Vec<PathBuf> {
        let mut places = Vec::new();
        for table in self.tables.values().chain(self.vocabulary.values()) {
            places.push(table.path.clone());
            let files = table.files().unwrap_or_default();
            places.extend(files.into_iter().filter(|file| file.is_symlink()));
        }
        places
    }

    /// No row is later.
    #[must_use]
    pub const fn snapshot_date(&self) -> Date {
        self.snapshot_date
    }

    /// The rounded number of persons that the site publishes: the only number of persons that
    /// progress, admission and refusals may use.
    #[must_use]
    pub const fn published_persons(&self) -> u64 {
        self.published_persons
    }

    /// The persons, by the name that all of the site's datasets over them share.
    pub(crate) fn population(&self) -> &str {
        &self.population
    }

    /// Whether exact numbers may be shown: its site has registered it as of persons who are
    /// invented, or whom anybody may have.
    #[must_use]
    pub const fn may_be_exact(&self) -> bool {
        self.kind.synthetic || self.kind.public
    }

    /// As of this kind: a worker is told by its parent, and invented persons are what they are.
    pub(crate) fn of_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// Its kind.
    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether its site has registered it.
    #[must_use]
    pub const fn is_registered(&self) -> bool {
        self.registered.is_some()
    }

    /// Its registration, if there is one; [`registered`] gives it.
    pub(crate) const fn registration(&self) -> Option<&Registered> {
        self.registered.as_ref()
    }

    /// The id of its epoch: the random one of its registration or, without one, its snapshot date,
    /// as then nobody says when the data change.
    pub(crate) fn epoch(&self) -> String {
        let registered = self.registered.as_ref().map(|registered| registered.id().id);
        registered.unwrap_or_else(|| unregistered(&self.snapshot_date.to_string()))
    }

    /// Whether its tables are sorted and cut into ranges.
    pub(crate) const fn is_prepared(&self) -> bool {
        self.prepared.is_some()
    }

    /// What a release says about it.
    #[must_use]
    pub fn id(&self) -> DatasetId {
        DatasetId {
            name: self.name.clone(),
            snapshot_date: self.snapshot_date.to_string(),
            published_persons: self.published_persons,
            synthetic: self.kind.synthetic,
            public: self.kind.public,
            row_is_person: self.unit.key.is_none(),
        }
    }
}
