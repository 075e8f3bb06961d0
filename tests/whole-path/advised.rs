//! What an error advises helps: nothing is signed that can never count, and nobody is told to make
//! anew what should be put back.

use std::fs::{self, File};

use crate::federated::Federation;
use crate::harness::{signer, text};

const PEOPLE: [(&str, &str); 5] = [
    ("author", "author"),
    ("one", "reviewer"),
    ("two", "reviewer"),
    ("site", "site"),
    ("certifier", "certifier"),
];
const CODE: &str = "\n[[code_of_conduct]]\nname = \"code\"\ncertifiers = [\"of-certifier\"]\n";
const RUN: &str = "run @guest.wasm --dataset @dataset.toml --at-once --out";

fn federation() -> Federation {
    Federation::new(&PEOPLE, CODE, "")
}

impl Federation {
    /// What a command line says that is refused.
    fn refused(&self, line: &str) -> String {
        let (code, said) = self.run(line);
        assert!(code == Some(1) || code == Some(2), "{line}: {said}");
        said
    }

    /// What a command line says that succeeds.
    fn said(&self, line: &str) -> String {
        let (code, said) = self.run(line);
        assert_eq!(code, Some(0), "{line}: {said}");
        said
    }
}

#[test]
fn what_can_never_count_is_not_signed() {
    let place = federation();
    let envelope = place.file("guest.wasm.intoto.jsonl");
    let before = fs::read(&envelope).unwrap();
    let approve = "approve @guest.wasm --dataset @dataset.toml --key";
    for (more, says) in [
        ("@site.key --valid-until 2020-01-01", "valid until 2020-01-01 is over"),
        ("@site.key --valid-until 2999-12-31 --param year=1", "takes no parameters"),
    ] {
        let said = place.refused(&format!("{approve} {more}"));
        assert!(said.contains(says), "{said}");
        assert_eq!(fs::read(&envelope).unwrap(), before, "{more}");
    }
    let certify = "certify --trust @trust.toml --organisation of-one --role reviewer --issuer \
                   of-certifier --key";
    let over = place.refused(&format!(
        "{certify} @certifier.key --code-of-conduct code --valid-until \
                                2020-01-01"
    ));
    assert!(over.contains("valid until 2020-01-01 is over"), "{over}");
    assert!(!place.file("certificates.intoto.jsonl").exists());
}

/// Only a trust root can tell that a key is of another role: it is said, and the signature stays,
/// as another site may list it otherwise.
#[test]
fn what_does_not_count_by_the_own_trust_root_is_said() {
    let place = federation();
    let approve = |key: &str| {
        place.said(&format!(
            "approve @guest.wasm --dataset @dataset.toml --key @{key}.key --valid-until 2999-12-31"
        ))
    };
    let said = approve("one");
    assert!(said.contains("does not count: one may not sign as site"), "{said}");
    assert!(!approve("site").contains("count"));
    let certify = |by: &str, code: &str| {
        place.said(&format!(
            "certify --trust @trust.toml --organisation of-one --role reviewer --issuer \
             of-certifier --key @{by}.key --code-of-conduct {code} --valid-until 2999-12-31"
        ))
    };
    let said = certify("certifier", "coed");
    assert!(said.contains("does not count: the trust root knows no code of conduct"), "{said}");
    let said = certify("one", "code");
    assert!(said.contains("does not count: one may not sign as certifier"), "{said}");
    assert!(!certify("certifier", "code").contains("count"));
}

#[test]
fn a_certificate_that_is_over_is_told_from_none() {
    let place = federation();
    let verify = "verify @guest.wasm --trust @trust.toml --code-of-conduct code";
    let none = place.refused(verify);
    assert!(none.contains("without a certificate") && !none.contains("do not count"), "{none}");
    let terms = cloister::CertificateTerms {
        subject: "of-author".to_owned(),
        role: cloister::Role::Author,
        code_of_conduct: "code".to_owned(),
        issuer: "of-certifier".to_owned(),
        valid_until: "2020-12-31".to_owned(),
    };
    let file = cloister::certificates_of(&place.file("trust.toml"));
    let then = "2020-01-01T00:00:00Z".to_owned();
    cloister::certify(&file, &signer(&place.file("certifier.key")), terms, then).unwrap();
    let over = place.refused(verify);
    assert!(over.contains("of-author was valid until 2020-12-31"), "{over}");
}

#[test]
fn a_module_without_a_file_of_signatures_is_said_to_have_none() {
    let place = federation();
    let verify = "verify @guest.wasm --trust @trust.toml";
    fs::remove_file(place.file("guest.wasm.intoto.jsonl")).unwrap();
    let said = place.refused(verify);
    assert!(said.contains("no signature lies beside it"), "{said}");
    place.succeed("sign @guest.wasm --key @author.key --role author");
    assert!(!place.refused(verify).contains("no signature lies"));
}

#[test]
fn a_site_is_told_to_put_back_a_lost_key_and_a_changed_note() {
    let place = federation();
    let away =
        |name: &str| fs::rename(place.file(name), place.file(&format!("own.{name}"))).unwrap();
    away("site.key");
    away("site.pub");
    let missing = place.refused(&format!("{RUN} @out"));
    assert!(missing.contains("make it with `cloister key new"), "{missing}");
    let own = "--site-key @own.site.key";
    place.succeed(&format!("{RUN} @out {own}"));
    // By now there is a ledger that another key would not go on with.
    let lost = place.refused(&format!("{RUN} @lost"));
    assert!(lost.contains("put back the one that belongs to `ledger.checkpoint`"), "{lost}");
    assert!(!lost.contains("key new"), "{lost}");
    // What was registered is put back; only a site registers anew, and a replay never.
    place.succeed(&format!("dataset register @dataset.toml {own}"));
    fs::write(place.file("dataset.snapshot.json"), "{}").unwrap();
    let said = place.refused(&format!("{RUN} @no {own}"));
    assert!(said.contains("put it back") && said.contains("begins a new epoch"), "{said}");
    let said = place.refused(&format!("replay @out --dataset @dataset.toml {own}"));
    assert!(said.contains("put it back") && !said.contains("epoch"), "{said}");
}

/// What breaks after the charge says that it was one, in the same words whatever broke.
#[test]
fn a_job_that_was_charged_says_that_it_is_paid() {
    let place = federation();
    let before = place.refused("run @nowhere.wasm --dataset @dataset.toml --out @out");
    assert!(!before.contains("the job is paid"), "{before}");
    // The same length and time: nobody looks at its bytes before the run.
    let person = place.file("person.parquet");
    let (bytes, modified) = (fs::read(&person).unwrap(), fs::metadata(&person).unwrap());
    place.succeed("dataset register @dataset.toml --site-key @site.key");
    let restore = |bytes: &[u8]| {
        fs::write(&person, bytes).unwrap();
        let file = File::options().append(true).open(&person).unwrap();
        file.set_modified(modified.modified().unwrap()).unwrap();
    };
    restore(
        &bytes
            .iter()
            .enumerate()
            .map(|(at, byte)| if at < 64 { 7 } else { *byte })
            .collect::<Vec<_>>(),
    );
    let run = format!("{RUN} @out --ledger @ledger.sqlite");
    let said = place.refused(&run);
    assert!(said.contains("the job is paid: to ask just the same again costs nothing"), "{said}");
    restore(&bytes);
    place.succeed(&run);
    let shown = place.said("ledger show @ledger.sqlite");
    assert_eq!(shown.matches("charged").count(), 1, "{shown}");
    assert!(shown.contains("what the last job's profile allowed"), "{shown}");
}

#[test]
fn an_option_that_would_be_passed_over_is_refused() {
    let place = federation();
    let nowhere = place.refused("policy check --dataset @nowhere.toml");
    assert!(nowhere.contains("nowhere.toml"), "{nowhere}");
    for more in ["--param year=1", "--trust @trust.toml", "--action run", "--purpose other"] {
        place.refused(&format!("policy check --dataset @dataset.toml {more}"));
    }
    place.succeed("policy check --dataset @dataset.toml");
    let sources = text(&place.file("no-sources")).to_owned();
    let said = place.refused("study rebuild @no-sources --expect @guest.wasm");
    assert!(said.contains(&format!("`{sources}` is not a study, or not there")), "{said}");
}
