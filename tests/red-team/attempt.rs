//! What an attack puts before a site: a module, who signed it, and how the site is asked.

use crate::header::Attack;
use crate::world::Data;
use crate::{compiled, frame};

/// One request of an attack.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// The module's bytes.
    pub(crate) module: Vec<u8>,
    /// The module that was signed, if it is another.
    pub(crate) reviewed: Option<Vec<u8>>,
    /// Who signs it, each in a role.
    pub(crate) signed: Vec<(&'static str, cloister::Role)>,
    /// The data of the site, if they are not those that the header describes.
    pub(crate) data: Option<Data>,
    /// Whether its numbers are held against exact ones of the same persons.
    pub(crate) exactly: bool,
    /// The command: `run`, or `dataset register`.
    pub(crate) command: Command,
    /// The profile by which the site answers, where it does not show exact numbers.
    pub(crate) profile: &'static str,
    /// More arguments.
    pub(crate) more: Vec<String>,
    /// What the site was asked before, each a run of a module signed in the same way; however it
    /// went.
    pub(crate) earlier: Vec<Earlier>,
}

/// A request that a site was put before the attack.
#[derive(Clone, Debug)]
pub(crate) struct Earlier {
    /// The module's bytes.
    pub(crate) module: Vec<u8>,
    /// More arguments.
    pub(crate) more: Vec<String>,
    /// Whether the dataset is registered afterwards: a new epoch.
    pub(crate) then_registered: bool,
}

impl Earlier {
    /// A run of `module` with `more` arguments.
    pub(crate) const fn run(module: Vec<u8>, more: Vec<String>) -> Self {
        Self { module, more, then_registered: false }
    }
}

/// What the site is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Run the module.
    Run,
    /// Run the module, stop the run, and run it again.
    RunAgain,
    /// Register the dataset.
    Register,
}

impl Attempt {
    /// A run of `module`, signed as the profile wants it.
    pub(crate) fn run(module: Vec<u8>) -> Self {
        use cloister::Role::{Author, Reviewer};
        Self {
            module,
            reviewed: None,
            signed: vec![("author", Author), ("one", Reviewer), ("two", Reviewer)],
            data: None,
            exactly: true,
            command: Command::Run,
            profile: "hospital",
            more: Vec::new(),
            earlier: Vec::new(),
        }
    }

    /// The data of the site.
    pub(crate) fn data(&self, attack: &Attack) -> Data {
        self.data.clone().unwrap_or_else(|| Data::new(attack.persons, attack.group))
    }
}

/// What `attack` puts before a site: each request must meet the verdict.
pub(crate) fn attempts(attack: &Attack) -> Vec<Attempt> {
    let program = format!("{}.rs", attack.name);
    match compiled::ATTACKS.iter().find(|(name, _)| *name == program) {
        Some((_, attempts)) => attempts(),
        None => {
            let text = std::fs::read_to_string(&attack.file).unwrap();
            vec![Attempt::run(frame::module(&text))]
        }
    }
}
