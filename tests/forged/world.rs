//! The base: everything as it should be. Ada wrote a study; Ben and Cleo, of other organisations,
//! reviewed it; Cara certified all three; Sam approved it; two of three root keys signed whom the
//! site trusts. Keys are made of their names.

use std::collections::BTreeMap;

use cloister_contract::digest::Digest;
use cloister_contract::public_key::PublicKey;
use cloister_contract::release::{
    CellDocument, DatasetId, EngineId, ProfileId, Protection, ReleaseDocument, Status, StudyId,
};
use cloister_contract::statement::{
    Approval, Authorship, Certificate, Claim, Receipt, Review, Statement, Verdict,
};
use ed25519_dalek::SigningKey;

const SIGNED_AT: &str = "2020-06-01T12:00:00Z";

/// A signed document before it is signed.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// By what forgeries name it.
    pub(crate) name: String,
    /// What is signed.
    pub(crate) payload: String,
    /// Whose key signs it.
    pub(crate) by: String,
    /// The file whose line it is.
    pub(crate) file: &'static str,
}

/// All that lies in a site's folder.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) module: Vec<u8>,
    pub(crate) release: String,
    pub(crate) trust: String,
    /// The next version of the trust root.
    pub(crate) next: String,
    pub(crate) documents: Vec<Document>,
}

/// The key of `name`: its letters, and zeros.
pub(crate) fn key(name: &str) -> SigningKey {
    let mut seed = [0; 32];
    seed[..name.len()].copy_from_slice(name.as_bytes());
    SigningKey::from_bytes(&seed)
}

/// Its public half.
pub(crate) fn public(name: &str) -> PublicKey {
    PublicKey::from(key(name).verifying_key())
}

const STUDY: &str = r#"
[study]
name = "forged"
version = "1.0.0"
title = "A study whose signatures are forged"
purpose = "scientific-research"
[tables.person]
columns = { mark = "int" }
[outputs]
persons = { kind = "count" }
[limits]
fuel = 1000
memory_pages = 1
"#;

fn module() -> Vec<u8> {
    let study = STUDY.replace('"', "\\\"").replace('\n', "\\n");
    let text = format!(
        r#"(module
        (import "cloister" "contribute" (func (param i32 i64 f64)))
        (memory (export "memory") 1)
        (func (export "cloister_v1_arena") (param i32) (result i32) i32.const 1024)
        (func (export "cloister_v1_init") (param i32 i32))
        (func (export "cloister_v1_person") (param i32 i32))
        (@custom "cloister.study" "{study}"))"#
    );
    wat::parse_str(text).unwrap()
}

/// Whom the site trusts: name, organisation and roles, one key each.
const PERSONS: [(&str, &str, &str); 6] = [
    ("ada", "University A", "author"),
    ("ben", "Hospital B", "reviewer"),
    ("cleo", "Institute C", "reviewer"),
    ("dora", "University A", "reviewer"),
    ("cara", "Certifier K", "certifier"),
    ("sam", "Hospital S", "site"),
];

fn trust(version: u32) -> String {
    let mut text = format!(
        "version = {version}\nissued = \"2020-01-01\"\nexpires = \"2999-12-31\"\n\n[root]\n\
         threshold = 2\nkeys = [\"{}\", \"{}\", \"{}\"]\n\n",
        public("root-1"),
        public("root-2"),
        public("root-3")
    );
    let mut organisations: Vec<_> =
        PERSONS.iter().map(|(_, organisation, _)| organisation).collect();
    organisations.sort();
    organisations.dedup();
    for organisation in organisations {
        text += &format!("[[organisation]]\nname = \"{organisation}\"\n");
    }
    for (name, organisation, role) in PERSONS {
        let validity = "valid_from = \"2020-01-01\"\nvalid_until = \"2999-12-31\"\n";
        text += &format!(
            "\n[[person]]\nname = \"{name}\"\norganisation = \"{organisation}\"\n[[person.key]]\n\
             public = \"{}\"\nroles = [\"{role}\"]\n{validity}# of {name}\n",
            public(name)
        );
    }
    text += "\n[[code_of_conduct]]\nname = \"Code 1\"\ncertifiers = [\"Certifier K\"]\n";
    text + "[[code_of_conduct]]\nname = \"Code 2\"\ncertifiers = [\"Certifier K\"]\n"
}

fn release(module: Digest, study: StudyId) -> ReleaseDocument {
    let empty = Digest::of(b"");
    let cell = CellDocument {
        output: "persons".to_owned(),
        cell: [].into_iter().collect(),
        status: Status::Value,
        persons: Some([60, 64]),
        value: Some(62.0),
        sum: None,
        excess: None,
        excess_squares: None,
        mean: None,
        sd: None,
    };
    ReleaseDocument {
        schema: cloister_contract::release::RELEASE_SCHEMA.to_owned(),
        protection: Protection::Protected,
        study,
        module,
        params: BTreeMap::new(),
        codes: BTreeMap::new(),
        dataset: DatasetId {
            name: "hospital".to_owned(),
            snapshot_date: "2020-01-01".to_owned(),
            published_persons: 60,
            synthetic: true,
            public: false,
            row_is_person: false,
        },
        profile: ProfileId { name: "hospital".to_owned(), sha256: empty },
        bits: Some(20),
        noise: None,
        engine: EngineId { cloister: "0".to_owned(), engine: "none".to_owned(), abi: 1 },
        cells: vec![cell],
    }
}

impl World {
    pub(crate) fn base() -> Self {
        let module = module();
        let digest = Digest::of(&module);
        let study = StudyId {
            name: "forged".to_owned(),
            version: "1.0.0".to_owned(),
            sha256: Digest::of(STUDY.as_bytes()),
        };
        let release = String::from_utf8(release(digest, study.clone()).encode().unwrap()).unwrap();
        let mut world =
            Self { module, trust: trust(1), next: trust(2), documents: Vec::new(), release };
        world.statements(digest, &study);
        for name in ["root-1", "root-2"] {
            world.add(name, String::new(), name, "trust.toml");
        }
        for name in ["next-1", "next-2"] {
            world.add(name, String::new(), &name.replace("next", "root"), "next.toml");
        }
        world
    }

    fn statements(&mut self, module: Digest, study: &StudyId) {
        let say = |name: &str, subject, claim| {
            let statement = Statement { name: name.to_owned(), subject, claim };
            String::from_utf8(statement.encode().unwrap()).unwrap()
        };
        let authorship = Claim::Authorship(Authorship {
            role: "author".to_owned(),
            study: study.clone(),
            source_commit: Some("0123abcd".to_owned()),
            build: None,
            signed_at: SIGNED_AT.to_owned(),
        });
        self.add("ada", say("study.wasm", module, authorship), "ada", "study.wasm");
        for (name, organisation) in [("ben", "Hospital B"), ("cleo", "Institute C")] {
            let review = Claim::Review(Review {
                role: "reviewer".to_owned(),
                organisation: Some(organisation.to_owned()),
                study: study.clone(),
                verdict: Verdict::Approve,
                answers: Vec::new(),
                valid_until: Some("2999-12-31".to_owned()),
                rebuilt: Some(format!("forged 1.0.0, module sha256:{module}, and more")),
                signed_at: SIGNED_AT.to_owned(),
            });
            self.add(name, say("study.wasm", module, review), name, "study.wasm");
        }
        let approval = Claim::Approval(Approval {
            role: "site".to_owned(),
            study: study.clone(),
            dataset: "hospital".to_owned(),
            account: None,
            params: None,
            step: None,
            purpose: "scientific-research".to_owned(),
            permit: Some("P-1".to_owned()),
            persons: Vec::new(),
            valid_until: "2999-12-31".to_owned(),
            signed_at: SIGNED_AT.to_owned(),
        });
        self.add("sam", say("study.wasm", module, approval), "sam", "study.wasm");
        for (name, role) in [("ada", "author"), ("ben", "reviewer"), ("cleo", "reviewer")] {
            let certificate = Claim::Certificate(Certificate {
                role: "certifier".to_owned(),
                certified_role: role.to_owned(),
                code_of_conduct: "Code 1".to_owned(),
                issuer: "Certifier K".to_owned(),
                valid_until: "2999-12-31".to_owned(),
                signed_at: SIGNED_AT.to_owned(),
            });
            let payload = say(name, public(name).id(), certificate);
            self.add(&format!("certificate-of-{name}"), payload, "cara", "certificates");
        }
        let seal = self.seal(module);
        let release = Digest::of(self.release.as_bytes());
        self.add("seal", say("release.json", release, seal), "site", "release.json");
    }

    /// What the site says of its release.
    fn seal(&self, module: Digest) -> Claim {
        let released = ReleaseDocument::decode(self.release.as_bytes()).unwrap();
        Claim::Receipt(Box::new(Receipt {
            role: "site".to_owned(),
            before: None,
            study: released.study,
            module,
            params: released.params,
            codes: released.codes,
            dataset: released.dataset,
            snapshot: None,
            profile: released.profile,
            tier: "reviewed".to_owned(),
            policies: Vec::new(),
            dossier: module,
            engine: released.engine,
            signed_at: SIGNED_AT.to_owned(),
        }))
    }

    fn add(&mut self, name: &str, payload: String, by: &str, file: &'static str) {
        let (name, by) = (name.to_owned(), by.to_owned());
        self.documents.push(Document { name, payload, by, file });
    }
}
