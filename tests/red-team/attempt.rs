//! What an attack puts before a site: a module, who signed it, and how the site is asked.

use cloister::Role;

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
    pub(crate) signed: Vec<(&'static str, Role)>,
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
    /// More of the environment.
    pub(crate) environment: Vec<(&'static str, &'static str)>,
    /// Whose key the site has: that of `site`, or of `elsewhere`.
    pub(crate) site: &'static str,
    /// Whether the site has heard by now that the key of the reviewer `two` is revoked.
    pub(crate) revoked: bool,
    /// What the site was asked before, each a run of a module signed in the same way; however it
    /// went.
    pub(crate) earlier: Vec<Earlier>,
}

/// Who signs as every shipped profile wants it.
pub(crate) const SIGNED: [(&str, Role); 3] =
    [("author", Role::Author), ("one", Role::Reviewer), ("two", Role::Reviewer)];

/// A request that a site was put before the attack.
#[derive(Clone, Debug)]
pub(crate) struct Earlier {
    /// The module's bytes, signed as the profile wants it.
    pub(crate) module: Vec<u8>,
    /// More arguments.
    pub(crate) more: Vec<String>,
    /// The data that the site had then, if they were others.
    pub(crate) data: Option<Data>,
    /// What becomes of the dataset's registration afterwards.
    pub(crate) then: Then,
}

/// What becomes of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Nothing.
    Nothing,
    /// The dataset is registered: a new epoch.
    Registered,
    /// Its note is taken away; name and published persons become others.
    TakenAway,
}

impl Earlier {
    /// A run of `module` with `more` arguments.
    pub(crate) const fn run(module: Vec<u8>, more: Vec<String>) -> Self {
        Self { module, more, data: None, then: Then::Nothing }
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
        Self {
            module,
            reviewed: None,
            signed: SIGNED.to_vec(),
            data: None,
            exactly: true,
            command: Command::Run,
            profile: "hospital",
            more: Vec::new(),
            environment: Vec::new(),
            site: "site",
            revoked: false,
            earlier: Vec::new(),
        }
    }

    /// A run of `module` over `data` in the tier `open`, where nobody reviews it.
    pub(crate) fn open(module: Vec<u8>, data: Data) -> Self {
        Self {
            signed: vec![("author", Role::Author)],
            data: Some(data),
            profile: "strict",
            more: vec!["--tier=open".to_owned()],
            ..Self::run(module)
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
