//! Writing a `trust.toml`: a first one, and one more person. Everything else people edit by hand.

use std::path::Path;

use cloister_contract::public_key::PublicKey;
use jiff::Timestamp;

use super::day::Day;
use super::root::{ROOT_BYTES_MAX, Root, folded};
use super::{Role, TrustError};
use crate::bounded::read_bounded;
use crate::publish::replace;

/// A person to be listed.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// The person's name.
    pub name: String,
    /// The person's organisation.
    pub organisation: String,
    /// As what the person may sign.
    pub roles: Vec<Role>,
    /// The person's key.
    pub key: PublicKey,
}

/// Writes a first trust root, which lists nobody yet, to `file`; it expires in a year.
///
/// # Errors
/// [`TrustError`] if the file exists or cannot be written, or `keys` and `threshold` do not fit.
pub fn new_root(
    file: &Path,
    keys: &[PublicKey],
    threshold: usize,
    now: Timestamp,
) -> Result<(), TrustError> {
    let today = Day::of(now);
    let keys: Vec<_> = keys.iter().map(|key| format!("    \"{key}\",\n")).collect();
    let text = format!(
        "# Whom this site trusts. A new version has the next number, and is signed anew.\n\
         version = 1\nissued = \"{today}\"\nexpires = \"{}\"\n\n\
         [root]\nthreshold = {threshold}                # of these keys sign each version\n\
         keys = [\n{}]\n",
        today.in_a_year(),
        keys.concat()
    );
    checked(file, &text)?;
    let failed = |source| TrustError::File { file: file.to_owned(), source };
    let mut opened = std::fs::File::create_new(file).map_err(failed)?;
    std::io::Write::write_all(&mut opened, text.as_bytes()).map_err(failed)
}

/// Lists `person` in the trust root in `file`, with a key that is valid from today for a year; the
/// organisation, too, if it is not there.
///
/// # Errors
/// [`TrustError`] if the file cannot be read or written, or would be no trust root.
pub fn add_person(file: &Path, person: &NewPerson, now: Timestamp) -> Result<(), TrustError> {
    let failed = |source| TrustError::File { file: file.to_owned(), source };
    let mut text = read_bounded(file, ROOT_BYTES_MAX).map_err(failed)?;
    let root = checked(file, &text)?;
    if let Some(listed) = root.keys().find(|listed| folded(listed.person) == folded(&person.name)) {
        let (person, file) = (listed.person.to_owned(), file.to_owned());
        return Err(TrustError::Listed { person, file });
    }
    let today = Day::of(now);
    let quoted = |name: &str| toml::Value::String(name.to_owned()).to_string();
    let organisation = quoted(&person.organisation);
    if !root.organisations().any(|listed| folded(listed) == folded(&person.organisation)) {
        text += &format!("\n[[organisation]]\nname = {organisation}\n");
    }
    let roles: Vec<_> = person.roles.iter().map(|role| quoted(role.name())).collect();
    text += &format!(
        "\n[[person]]\nname = {}\norganisation = {organisation}\n[[person.key]]\npublic = \"{}\"\n\
         roles = [{}]\nvalid_from = \"{today}\"\nvalid_until = \"{}\"\n",
        quoted(&person.name),
        person.key,
        roles.join(", "),
        today.in_a_year()
    );
    checked(file, &text)?;
    replace(file, text.as_bytes()).map_err(failed)
}

fn checked(file: &Path, text: &str) -> Result<Root, TrustError> {
    Root::parse(text.as_bytes()).map_err(|what| TrustError::Broken { file: file.to_owned(), what })
}
