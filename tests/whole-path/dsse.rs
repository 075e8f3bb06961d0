//! Another implementation of DSSE, PyPI's securesystemslib, verifies every envelope that Cloister
//! signs, Cloister verifies those that it signs, and both count the same persons.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::json;

use crate::duckdb::python;
use crate::harness::{cloister, example, fresh, new_key, root, say_skipped, succeed, text};

/// What the script found.
#[derive(Deserialize)]
struct Found {
    types: BTreeMap<String, usize>,
    signed: BTreeMap<String, Vec<String>>,
}

/// A folder with everybody's keys and a copy of a module.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn file(&self, name: &str) -> String {
        text(&self.folder.path().join(name)).to_owned()
    }

    /// Runs the binary; `@name` is a file of the folder.
    fn run(&self, line: &str) {
        let words: Vec<String> = line.split(' ').map(|word| self.word(word)).collect();
        succeed(&words.iter().map(String::as_str).collect::<Vec<_>>());
    }

    fn word(&self, word: &str) -> String {
        word.strip_prefix('@').map_or_else(|| word.to_owned(), |name| self.file(name))
    }

    /// The line of the envelope that securesystemslib makes; `None` where there is no Python.
    fn python_signs(&self, key: &str, payload_type: &str, payload: &str) -> Option<String> {
        let (key, payload) = (self.file(key), self.file(payload));
        let line = python::run("dsse.py", &["sign", &key, payload_type, &payload])?;
        Some(String::from_utf8(line).unwrap())
    }

    fn append(&self, name: &str, more: &str) {
        let file = self.file(name);
        fs::write(&file, fs::read_to_string(&file).unwrap() + more).unwrap();
    }

    /// What securesystemslib and jsonschema find in every file of envelopes.
    fn python_verifies(&self) -> Found {
        let lines = [
            "study.wasm.intoto.jsonl",
            "trust.toml.intoto.jsonl",
            "certificates.intoto.jsonl",
            "release/release.json.intoto.jsonl",
            "dataset.snapshot.json.intoto.jsonl",
        ];
        let lines = lines.map(|name| self.file(name));
        let schemas = root().join("docs/schemas");
        let (site, trust) = (self.file("site.pub"), self.file("trust.toml"));
        let module = self.file("study.wasm");
        let mut arguments = vec!["verify", "--site", &site, &trust, &module, text(&schemas)];
        arguments.extend(lines.iter().map(String::as_str));
        serde_json::from_slice(&python::run("dsse.py", &arguments).unwrap()).unwrap()
    }

    /// Whether Cloister finds so many reviewers.
    fn enough(&self, reviewers: usize) -> bool {
        let (module, trust) = (self.file("study.wasm"), self.file("trust.toml"));
        let wanted = reviewers.to_string();
        let verify = ["verify", &module, "--trust", &trust, "--reviewers", &wanted];
        let output = cloister(&verify);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.success() || said.contains(&format!("of {wanted} trusted")),
            "{said}"
        );
        output.status.success()
    }
}

const KEYS: [&str; 8] = ["root-1", "root-2", "author", "one", "two", "three", "certifier", "site"];

/// Everybody's keys, and who is listed with them; one root key of two has signed.
fn people() -> Place {
    let place = Place { folder: fresh() };
    for name in KEYS {
        new_key(Path::new(&place.file(&format!("{name}.key"))));
    }
    place.run("trust new @trust.toml --root @root-1.pub --root @root-2.pub --threshold 2");
    for (name, role) in [
        ("author", "author"),
        ("one", "reviewer"),
        ("two", "reviewer"),
        ("three", "reviewer"),
        ("certifier", "certifier"),
        ("site", "site"),
    ] {
        place.run(&format!(
            "trust add @trust.toml --person {name} --organisation of-{name} --role {role} \
             --key @{name}.pub"
        ));
    }
    let code = "\n[[code_of_conduct]]\nname = \"code\"\ncertifiers = [\"of-certifier\"]\n";
    place.append("trust.toml", code);
    place.run("trust sign @trust.toml --key @root-1.key");
    place
}

/// Everything that Cloister signs: every kind of statement, and a release.
fn sign_all(place: &Place) {
    let (fingerprint, _) =
        cloister::root_fingerprint(Path::new(&place.file("trust.toml"))).unwrap();
    place.run(&format!("trust adopt @trust.toml --expect {fingerprint}"));
    fs::copy(example("age-sex"), place.file("study.wasm")).unwrap();
    let answers = "organisation = \"of-one\"\nvalid_until = \"2999-12-31\"\n[[answer]]\n\
                   item = \"pairs\"\nanswer = \"not-applicable\"\nnote = \"one output\"\n";
    fs::write(place.file("review.toml"), answers).unwrap();
    place.run("sign @study.wasm --key @author.key --role author --source-commit 0123abcd");
    place.run("sign @study.wasm --key @one.key --role reviewer --answers @review.toml");
    place.run("sign @study.wasm --key @two.key --role reviewer");
    let certify = "certify --key @certifier.key --code-of-conduct code --issuer of-certifier \
                   --valid-until 2999-12-31 --trust @trust.toml";
    place.run(&format!("{certify} --person @author.pub --role author"));
    for organisation in ["of-one", "of-two"] {
        place.run(&format!("{certify} --organisation {organisation} --role reviewer"));
    }
    crate::harness::gibleed_in(place.folder.path());
    place.run("dataset register @dataset.toml --site-key @site.key");
    let dataset = "@dataset.toml";
    place.run(&format!(
        "approve @study.wasm --key @site.key --dataset {dataset} --permit P-1 --person author \
         --valid-until 2999-12-31"
    ));
    let trust = "--trust @trust.toml --site-key @site.key";
    place.run(&format!(
        "run @study.wasm --dataset {dataset} {trust} --ledger @ledger.sqlite --out @release"
    ));
    place.run(
        "verify @study.wasm --trust @trust.toml --code-of-conduct code --other-organisation 2 \
         --approved-for gibleed",
    );
}

/// A review as another tool might write it: other order, other spacing.
fn write_review(place: &Place) {
    let module = cloister::Module::open(Path::new(&place.file("study.wasm"))).unwrap();
    let digest = module.digest.to_string();
    let review = json!({
        "predicateType": "urn:cloister:review:v1",
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "study.wasm", "digest": { "sha256": digest } }],
        "predicate": {
            "signed_at": "2020-01-01T00:00:00Z",
            "verdict": "approve",
            "role": "reviewer",
            "study": {
                "name": module.study.name,
                "version": module.study.version,
                "sha256": module.study_digest.to_string(),
            },
        },
    });
    let review = serde_json::to_string_pretty(&review).unwrap();
    fs::write(place.file("review.json"), review).unwrap();
}

#[test]
fn another_implementation_verifies_signs_and_counts_the_same() {
    let place = people();
    // The second root key signs with the other implementation.
    let root_type = "application/vnd.cloister.trust-root.v1+toml";
    let Some(line) = place.python_signs("root-2.key", root_type, "trust.toml") else {
        return say_skipped("no envelope was compared with securesystemslib");
    };
    place.append("trust.toml.intoto.jsonl", &line);
    sign_all(&place);
    let found = place.python_verifies();
    let kinds = [
        ("approval", 1),
        ("authorship", 1),
        ("certificate", 3),
        ("receipt", 1),
        ("registration", 1),
        ("review", 2),
        ("trust-root", 2),
    ];
    assert_eq!(found.types, kinds.map(|(kind, count)| (kind.to_owned(), count)).into());
    assert_eq!(found.signed["author"], ["author"]);
    assert_eq!(found.signed["reviewer"], ["one", "two"]);
    for wanted in 1..=4 {
        assert_eq!(place.enough(wanted), wanted <= found.signed["reviewer"].len(), "{wanted}");
    }
    // A third review, by the other implementation.
    write_review(&place);
    let line = place.python_signs("three.key", "application/vnd.in-toto+json", "review.json");
    place.append("study.wasm.intoto.jsonl", &line.unwrap());
    let found = place.python_verifies();
    assert_eq!(found.signed["reviewer"], ["one", "three", "two"]);
    for wanted in 1..=4 {
        assert_eq!(place.enough(wanted), wanted <= found.signed["reviewer"].len(), "{wanted}");
    }
}
