//! Where the text of policies comes from, and how it becomes policies with names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cedar_policy::ffi::DetailedError;
use cedar_policy::{Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};

use super::Action;
use super::error::{PolicyError, PolicyMistake};
use super::nesting::too_deep;
use crate::bounded::read_bounded;
use crate::nearest::nearest;

/// What a policy can ask about.
pub(super) const SCHEMA: &str = include_str!("../../../policies/cloister.cedarschema");

/// The shipped policies by name.
pub(super) const SHIPPED: [(&str, &str); 3] = [
    ("national-default", include_str!("../../../policies/national-default.cedar")),
    ("code-of-conduct", include_str!("../../../policies/code-of-conduct.cedar")),
    ("prohibited-uses", include_str!("../../../policies/prohibited-uses.cedar")),
];

/// The most bytes of a policy's file that are read.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// The text of some policies.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// What a decision calls it: without folder and `.cedar`.
    pub(super) name: String,
    /// What a mistake calls it: as it was named.
    file: String,
    pub(super) text: String,
}

impl Source {
    /// The shipped one called `name`, or the one in a site's file, if that ends in `.cedar`.
    pub(super) fn open(name: &str) -> Result<Self, PolicyError> {
        let shipped = |name: &str| SHIPPED.iter().find(|(known, _)| *known == name);
        if !name.ends_with(".cedar") {
            let Some((name, text)) = shipped(name) else {
                let known = SHIPPED.iter().map(|(known, _)| *known);
                let near = nearest(name, known).map(str::to_owned);
                return Err(PolicyError::Unknown { name: name.chars().take(64).collect(), near });
            };
            return Ok(Self::of(name, &format!("{name}.cedar"), text));
        }
        let file = PathBuf::from(name);
        let text = read_bounded(&file, FILE_BYTES_MAX)
            .map_err(|source| PolicyError::Read { file: file.clone(), source })?;
        let stem = file.file_stem().and_then(|stem| stem.to_str()).ok_or(PolicyError::Name)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        // What a policy is asked about goes by `cloister.cedarschema`, beside the policies.
        if stem.is_empty() || !stem.chars().all(plain) || stem.ends_with(".cedarschema") {
            return Err(PolicyError::Name);
        }
        match shipped(stem) {
            Some((_, known)) if *known != text => Err(PolicyError::NotShipped(file)),
            _ => Ok(Self::of(stem, name, &text)),
        }
    }

    pub(super) fn of(name: &str, file: &str, text: &str) -> Self {
        Self { name: name.to_owned(), file: file.to_owned(), text: text.to_owned() }
    }

    /// Its policies, each called `NAME/ID`, valid by `schema` in Cedar's strict mode.
    ///
    /// # Errors
    /// All that is wrong with them. What a validator only warns of is wrong, too: a policy that
    /// can never hold, or letters that look like others.
    pub(super) fn policies(&self, schema: &Schema) -> Result<Vec<Policy>, Vec<PolicyMistake>> {
        if let Some((line, what)) = too_deep(&self.text) {
            let help = "split it into policies of their own, or write a list in […]";
            let help = Some(help.to_owned());
            return Err(vec![PolicyMistake { line: Some(line), help, ..self.whole(&what) }]);
        }
        let set: PolicySet = self.text.parse().map_err(|errors: cedar_policy::ParseErrors| {
            errors.iter().map(|error| self.mistake(&error.into())).collect::<Vec<_>>()
        })?;
        let mut mistakes = Vec::new();
        if set.num_of_templates() > 0 {
            mistakes.push(self.whole("a template has slots that nothing fills; name who is meant"));
        } else if set.is_empty() {
            mistakes.push(self.whole("it has no policy; write one, or leave the file out"));
        }
        let mut policies: Vec<Policy> = Vec::new();
        for policy in set.policies() {
            let named = policy.annotation("id").map(str::trim).filter(|id| !id.is_empty());
            let Some(id) = named else {
                let what = "a policy has no `@id(\"…\")` above it, by which a refusal can name it";
                mistakes.push(self.whole(what));
                continue;
            };
            let id = PolicyId::new(format!("{}/{id}", self.name));
            if policies.iter().any(|known| *known.id() == id) {
                mistakes.push(self.whole(&format!("two policies have the name `{id}`")));
            }
            policies.push(policy.new_id(id));
        }
        if mistakes.is_empty() {
            mistakes = self.invalid(&policies, schema);
        }
        if mistakes.is_empty() { Ok(policies) } else { Err(mistakes) }
    }

    /// What is wrong with `policies` by `schema`.
    fn invalid(&self, policies: &[Policy], schema: &Schema) -> Vec<PolicyMistake> {
        let set = match PolicySet::from_policies(policies.iter().cloned()) {
            Ok(set) => set,
            Err(error) => return vec![self.whole(&error.to_string())],
        };
        let validated = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
        let mut errors: Vec<_> = validated.validation_errors().map(DetailedError::from).collect();
        if errors.is_empty() {
            errors = validated.validation_warnings().map(DetailedError::from).collect();
        }
        let mut mistakes: Vec<_> = errors.iter().map(|error| self.mistake(error)).collect();
        // Cedar tells a mistake once for each action.
        mistakes.sort_by(|a, b| (a.line, &a.what).cmp(&(b.line, &b.what)));
        mistakes.dedup();
        mistakes
    }

    fn whole(&self, what: &str) -> PolicyMistake {
        let (file, what) = (self.file.clone(), what.to_owned());
        PolicyMistake { file, line: None, what, help: None }
    }

    /// What Cedar says, at its line.
    fn mistake(&self, error: &DetailedError) -> PolicyMistake {
        let at = error.source_locations.first();
        let before = at.and_then(|at| self.text.get(..at.loc.start));
        PolicyMistake {
            file: self.file.clone(),
            line: before.map(|before| before.matches('\n').count() + 1),
            what: Action::ALL.into_iter().fold(plain(&error.message), |what, action| {
                what.replace(&format!(" for Action::\"{}\"", action.name()), "")
            }),
            help: error.help.as_deref().map(plain),
        }
    }
}

/// On one line.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All `*.cedar` in the folder `policies/` beside the dataset's `file`, sorted by name, however
/// their ending is written; none if there is no such folder.
///
/// # Errors
/// The system's, if there is one that cannot be read, such as a link to nothing.
pub(crate) fn beside(file: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = file.with_file_name("policies");
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.is_symlink() => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("cedar")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
