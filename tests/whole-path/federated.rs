//! Whose word counts where several organisations share a trust root: certificates, approvals, and
//! each author of a module.

use std::fs;
use std::path::PathBuf;

use crate::harness::{new_key, small_guest, text};
use crate::hostile::{STUDY, dataset};
use crate::policed::{COUNT, SENSITIVE, said};

/// A folder with a trust root that lists people under their roles, a key of each, a module that the
/// authors and reviewers among them signed, and two hundred patients.
pub(crate) struct Federation {
    folder: tempfile::TempDir,
}

impl Federation {
    /// Every person NAME is of the organisation `of-NAME`; `codes` ends the trust root, and
    /// `described` the dataset.
    pub(crate) fn new(people: &[(&str, &str)], codes: &str, described: &str) -> Self {
        let (folder, dataset) = dataset(&[7; 200]);
        let place = Self { folder };
        let text_of = fs::read_to_string(&dataset).unwrap();
        fs::write(&dataset, text_of.replace("synthetic = true", described)).unwrap();
        new_key(&place.file("root.key"));
        place.succeed("trust new @trust.toml --root @root.pub");
        for (name, role) in people {
            new_key(&place.file(&format!("{name}.key")));
            place.succeed(&format!(
                "trust add @trust.toml --person {name} --organisation of-{name} --role {role} \
                 --key @{name}.pub"
            ));
        }
        let trust = place.file("trust.toml");
        fs::write(&trust, fs::read_to_string(&trust).unwrap() + codes).unwrap();
        place.succeed("trust sign @trust.toml --key @root.key");
        let (fingerprint, _) = cloister::root_fingerprint(&trust).unwrap();
        place.succeed(&format!("trust adopt @trust.toml --expect {fingerprint}"));
        small_guest(place.folder.path(), STUDY, COUNT);
        for (name, role) in people.iter().filter(|(_, role)| matches!(*role, "author" | "reviewer"))
        {
            place.succeed(&format!("sign @guest.wasm --key @{name}.key --role {role}"));
        }
        place
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command line in which `@` stands for the folder.
    pub(crate) fn run(&self, line: &str) -> (Option<i32>, String) {
        let file = |name: &str| text(&self.file(name)).to_owned();
        let word = |word: &str| word.strip_prefix('@').map_or_else(|| word.to_owned(), file);
        let words: Vec<String> = line.split(' ').map(word).collect();
        said(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    pub(crate) fn succeed(&self, line: &str) {
        let (code, told) = self.run(line);
        assert_eq!(code, Some(0), "{line}: {told}");
    }
}

/// Only a certificate that counts is a fact: of a certifier, valid today, for who signed, as what.
#[test]
fn a_code_of_conduct_wants_everybody_certified_by_who_may() {
    let roles = [
        ("author", "author"),
        ("one", "reviewer"),
        ("two", "reviewer"),
        ("certifier", "certifier"),
    ];
    let code = "\n[[code_of_conduct]]\nname = \"code\"\ncertifiers = [\"of-certifier\"]\n";
    let place = Federation::new(&roles, code, "");
    let run = |line: &str| place.run(line);
    let check = || {
        run("policy check @guest.wasm --dataset @dataset.toml --trust @trust.toml --policy \
             national-default --policy code-of-conduct")
    };
    let missing = |why: &str| {
        let (code, told) = check();
        assert!(code == Some(1) && told.contains("context.certificates is empty"), "{why}: {told}");
    };
    let certify = |by: &str, person: &str, role: &str, until: &str| {
        run(&format!(
            "certify --key @{by}.key --code-of-conduct code --issuer of-certifier --valid-until \
             {until} --trust @trust.toml --person @{person}.pub --role {role}"
        ))
    };
    missing("nobody is certified");
    for (person, role) in [("author", "author"), ("one", "reviewer")] {
        certify("certifier", person, role, "2999-12-31");
    }
    missing("one of three is not");
    certify("certifier", "two", "author", "2999-12-31");
    missing("as what did not sign");
    certify("one", "two", "reviewer", "2999-12-31");
    missing("by who is no certifier");
    certify("certifier", "two", "reviewer", "2020-01-01");
    missing("until a day that is over");
    certify("certifier", "two", "reviewer", "2999-12-31");
    let (code, told) = check();
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("certified   code\n"), "{told}");
}

/// A trust root that two hospitals share: each approves for itself, and of a module's authors each
/// must be one who may ask.
#[test]
fn another_hospital_approves_nothing_here_and_no_author_hides_behind_another() {
    let place = Federation::new(
        &[
            ("author", "author"),
            ("other", "author"),
            ("one", "reviewer"),
            ("two", "reviewer"),
            ("site", "site"),
            ("elsewhere", "site"),
        ],
        "",
        SENSITIVE,
    );
    let ask = |out: &str| {
        place.run(&format!(
            "run @guest.wasm --dataset @dataset.toml --trust @trust.toml --site-key @site.key \
             --out @{out} --at-once"
        ))
    };
    let approve = |by: &str| {
        place.succeed(&format!(
            "approve @guest.wasm --key @{by}.key --dataset @dataset.toml --permit HDAB-7 \
             --valid-until 2999-12-31"
        ));
    };
    approve("elsewhere");
    let (code, told) = ask("refused");
    assert!(code == Some(1) && told.contains("no context.permit"), "{told}");
    approve("site");
    let (code, told) = ask("out");
    assert_eq!(code, Some(0), "{told}");
    let policies = place.folder.path().join("policies");
    fs::create_dir(&policies).unwrap();
    let forbid = "@id(\"all\") permit (principal, action, resource);\n@id(\"not-them\")\n\
                  forbid (principal in Organisation::\"of-other\", action, resource);";
    fs::write(policies.join("ours.cedar"), forbid).unwrap();
    let (code, told) = ask("forbidden");
    assert!(code == Some(1) && told.contains("`ours/not-them` forbids"), "{told}");
    let check = "policy check @guest.wasm --dataset @dataset.toml --trust @trust.toml";
    let (code, told) = place.run(check);
    assert!(code == Some(1) && told.contains("`ours/not-them` forbids"), "{told}");
}
