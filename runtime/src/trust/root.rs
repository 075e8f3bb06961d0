//! The trust root: whom a site knows, in which roles, and whose keys may change the list.
//!
//! Its rules are The Update Framework's: a threshold of root keys signs each version, and the next
//! version needs the threshold of both; see `pin.rs`. It is parsed only after that is checked.

use cloister_contract::digest::Digest;
use cloister_contract::public_key::PublicKey;
use cloister_contract::study::is_unprintable;
use serde::Deserialize;

use super::Role;
use super::day::Day;

/// Most bytes of a trust root: some hundred persons; in an envelope it is a third longer.
pub(super) const ROOT_BYTES_MAX: u64 = 128 * 1024;
/// Most characters of a name in it.
const NAME_CHARS_MAX: usize = 120;

/// A `trust.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Root {
    /// Counts up by one.
    pub(super) version: u64,
    /// The first day on which it counts.
    pub(super) issued: Day,
    /// The last day: after it somebody may be withholding a newer one.
    pub(super) expires: Day,
    /// Who may change it.
    pub(super) root: RootKeys,
    #[serde(default)]
    organisation: Vec<Organisation>,
    #[serde(default)]
    person: Vec<Person>,
    #[serde(default)]
    pub(super) revoked: Vec<Revoked>,
    #[serde(default)]
    code_of_conduct: Vec<CodeOfConduct>,
}

/// The keys that sign the trust root.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RootKeys {
    /// How many of them must sign.
    pub(super) threshold: usize,
    /// The keys.
    pub(super) keys: Vec<PublicKey>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Organisation {
    name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    name: String,
    organisation: String,
    #[serde(default)]
    key: Vec<Key>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    public: PublicKey,
    roles: Vec<Role>,
    valid_from: Day,
    valid_until: Day,
}

/// What no longer counts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Revoked {
    key: Option<PublicKey>,
    statement: Option<Digest>,
    from: Option<Day>,
    why: String,
}

/// A code of conduct, and whose certificates of it count.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeOfConduct {
    name: String,
    certifiers: Vec<String>,
}

/// A listed key with its person.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed<'r> {
    pub(super) key: &'r PublicKey,
    pub(super) person: &'r str,
    pub(super) organisation: &'r str,
    pub(super) roles: &'r [Role],
    valid_from: Day,
    valid_until: Day,
}

/// A name as it is compared: upper and lower case and spaces make no other person.
pub(super) fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Root {
    /// Reads a trust root whose bytes were verified.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        let root: Self =
            toml::from_str(text).map_err(|error| error.to_string().trim().to_owned())?;
        root.root.check()?;
        if root.version == 0 {
            return Err("versions begin at 1".to_owned());
        }
        if root.expires < root.issued {
            return Err("it expires before it is issued".to_owned());
        }
        root.check_names()?;
        root.check_keys()?;
        Ok(root)
    }

    fn check_names(&self) -> Result<(), String> {
        let organisations: Vec<_> = self.organisations().collect();
        distinct("organisation", organisations.iter().copied())?;
        distinct("person", self.person.iter().map(|person| person.name.as_str()))?;
        let codes = &self.code_of_conduct;
        distinct("code of conduct", codes.iter().map(|code| code.name.as_str()))?;
        let named = self.person.iter().map(|person| &person.organisation);
        let mut named = named.chain(codes.iter().flat_map(|code| &code.certifiers));
        match named.find(|name| !organisations.contains(&name.as_str())) {
            Some(name) => Err(format!("`{name}` is not listed as an [[organisation]]")),
            None => Ok(()),
        }
    }

    fn check_keys(&self) -> Result<(), String> {
        let keys: Vec<_> = self.keys().collect();
        for (at, one) in keys.iter().enumerate() {
            if keys.iter().skip(at + 1).any(|other| other.key == one.key) {
                return Err(format!(
                    "a key of `{}` is listed twice; each person has keys of their own",
                    one.person
                ));
            }
            if self.root.keys.contains(one.key) {
                return Err(format!("`{}` signs with a root key; take another", one.person));
            }
            if one.roles.is_empty() || one.valid_until < one.valid_from {
                return Err(format!("a key of `{}` has no role, or no day", one.person));
            }
        }
        match self.revoked.iter().find(|one| one.key.is_some() == one.statement.is_some()) {
            Some(one) => Err(format!(
                "revoked because `{}`: name a `key` or a `statement`, and not both",
                one.why.escape_debug()
            )),
            None => Ok(()),
        }
    }

    /// Every listed key.
    pub(super) fn keys(&self) -> impl Iterator<Item = Listed<'_>> {
        self.person.iter().flat_map(|person| {
            person.key.iter().map(|key| Listed {
                key: &key.public,
                person: &person.name,
                organisation: &person.organisation,
                roles: &key.roles,
                valid_from: key.valid_from,
                valid_until: key.valid_until,
            })
        })
    }

    /// Why `key` is revoked on `today`, if it is; what it signed before counts no more either, as
    /// whoever has it can write any date.
    pub(super) fn key_revoked(&self, key: &PublicKey, today: Day) -> Option<&str> {
        self.revocation(today, |one| one.key == Some(*key))
    }

    /// Why the statement with this digest is revoked on `today`, if it is.
    pub(super) fn statement_revoked(&self, statement: Digest, today: Day) -> Option<&str> {
        self.revocation(today, |one| one.statement == Some(statement))
    }

    fn revocation(&self, today: Day, is: impl Fn(&Revoked) -> bool) -> Option<&str> {
        let mut now = self.revoked.iter().filter(|one| one.from.is_none_or(|from| from <= today));
        now.find(|one| is(one)).map(|one| one.why.as_str())
    }

    /// Every listed organisation.
    pub(super) fn organisations(&self) -> impl Iterator<Item = &str> {
        self.organisation.iter().map(|organisation| organisation.name.as_str())
    }

    /// Every listed code of conduct.
    pub(super) fn codes_of_conduct(&self) -> impl Iterator<Item = &str> {
        self.code_of_conduct.iter().map(|code| code.name.as_str())
    }

    /// The organisations whose certificates of `code` count; `None` if it is not listed.
    pub(super) fn certifiers(&self, code: &str) -> Option<&[String]> {
        let mut codes = self.code_of_conduct.iter();
        codes.find(|listed| listed.name == code).map(|listed| listed.certifiers.as_slice())
    }
}

impl RootKeys {
    pub(super) fn check(&self) -> Result<(), String> {
        let distinct = |(at, key): (usize, &PublicKey)| {
            let mut others = self.keys.iter().skip(at + 1);
            others.all(|other| other != key)
        };
        if !self.keys.iter().enumerate().all(distinct) {
            return Err("a root key is listed twice".to_owned());
        }
        if self.threshold == 0 || self.threshold > self.keys.len() {
            let keys = self.keys.len();
            return Err(format!("`threshold` must be 1 to {keys}, as there are {keys} root keys"));
        }
        Ok(())
    }
}

impl Listed<'_> {
    /// Why the key does not count on `today`.
    pub(super) fn out_of_time(&self, today: Day) -> Option<String> {
        let (person, from, until) = (self.person, self.valid_from, self.valid_until);
        if today < from {
            Some(format!("the key of {person} is valid from {from}"))
        } else if today > until {
            Some(format!("the key of {person} was valid until {until}"))
        } else {
            None
        }
    }

    /// What people call the key.
    pub(super) fn id(&self) -> Digest {
        self.key.id()
    }
}

/// Refuses names that people would take for one, and those they cannot read.
fn distinct<'n>(what: &str, names: impl Iterator<Item = &'n str>) -> Result<(), String> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        let chars = name.chars().count();
        let printable = !name.chars().any(is_unprintable) && name.trim() == name;
        if chars == 0 || chars > NAME_CHARS_MAX || !printable {
            return Err(format!("`{}` cannot be the name of a {what}", name.escape_debug()));
        }
        if !seen.insert(folded(name)) {
            return Err(format!("the {what} `{name}` is listed twice"));
        }
    }
    Ok(())
}
