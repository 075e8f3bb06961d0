//! Whether an evidence pack is whole, as one command says and as its page's own steps do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cloister_contract::digest::Digest;
use cloister_contract::envelope::{Envelope, PayloadType};
use cloister_contract::statement::{Claim, Statement};

use super::{FILES, evidence};
use crate::harness::{
    People, cloister, example, fresh, gibleed_in, signer, site_key, succeed, text,
};

/// What `evidence verify` says of a pack, if it holds; else what it complains about.
fn verify(pack: &Path, site: &Path) -> Result<String, String> {
    let ended = cloister(&["evidence", "verify", text(pack), "--site", text(site)]);
    let words = |bytes| String::from_utf8(bytes).unwrap();
    let (out, said) = (words(ended.stdout), words(ended.stderr));
    assert!(!said.contains("panicked"), "{said}");
    if ended.status.success() { Ok(out) } else { Err(said + &out) }
}

/// A dataset whose name is no plain word.
fn named_at_length(folder: &Path) -> PathBuf {
    let dataset = gibleed_in(folder);
    let described = fs::read_to_string(&dataset).unwrap();
    let named = described.replace("name = \"gibleed\"", "name = \"St Mary's; $HOME\"");
    assert_ne!(named, described);
    fs::write(&dataset, named).unwrap();
    dataset
}

/// The evidence of a run of `module` in a folder of its own, away from the site.
fn pack_of(people: &People, module: &Path, more: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let folder = fresh();
    let dataset = named_at_length(folder.path());
    let arguments = people.run(module, &dataset, &folder.path().join("out"));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    succeed(&[&arguments[..], more].concat());
    let (elsewhere, pack) = (fresh(), evidence(folder.path(), "out"));
    let there = elsewhere.path().join("pack");
    fs::rename(pack, &there).unwrap();
    (elsewhere, there)
}

#[test]
fn a_pack_is_verified_whole_and_whatever_is_changed_in_it_is_named() {
    let people = People::new();
    let (_folder, pack) = pack_of(&people, &people.signed(&example("age-sex")), &[]);
    let site = site_key().with_extension("pub");
    let whole = verify(&pack, &site).unwrap();
    let (trust, _) = cloister::root_fingerprint(&pack.join("trust.toml")).unwrap();
    for says in ["20 files belong together", "2 entries, each under", &trust.to_string()] {
        assert!(whole.contains(says), "{says}: {whole}");
    }
    assert!(verify(&pack, &people.file("author.pub")).unwrap_err().contains("not sealed by"));
    for name in FILES {
        let file = pack.join(name);
        let bytes = fs::read(&file).unwrap();
        let (more, mut other) = ([&bytes[..], b" "].concat(), bytes.clone());
        let middle = bytes.len() / 2;
        other.get_mut(middle).into_iter().for_each(|byte| *byte ^= 1);
        for (what, changed) in [("more", more), ("nothing", Vec::new()), ("another byte", other)] {
            if changed == bytes {
                continue;
            }
            fs::write(&file, changed).unwrap();
            let said = verify(&pack, &site).expect_err(&format!("{name}, {what}"));
            let named = said.contains(name) || name.starts_with("release") || said.contains("log");
            assert!(named, "{name}, {what}: {said}");
        }
        fs::remove_file(&file).unwrap();
        assert!(verify(&pack, &site).unwrap_err().contains(name), "{name} is gone");
        fs::write(&file, bytes).unwrap();
    }
    // A policy that nobody was asked for.
    let other = pack.join("policy-added.cedar");
    fs::write(&other, "permit (principal, action, resource);").unwrap();
    assert!(
        verify(&pack, &site).unwrap_err().contains("`policy-added.cedar` is no file of a pack")
    );
    fs::remove_file(&other).unwrap();
    // What no signature covers: the key's id, and how JSON is written.
    let receipt = pack.join("release.json.intoto.jsonl");
    let line = fs::read_to_string(&receipt).unwrap();
    let id = line.split("\"keyid\":\"").nth(1).unwrap().split('"').next().unwrap();
    for other in [line.replace(id, "ffff"), line.replace("\":", "\": ")] {
        assert_ne!(other, line);
        fs::write(&receipt, other).unwrap();
        assert!(verify(&pack, &site).unwrap_err().contains("`release.json.intoto.jsonl` is not"));
    }
    fs::write(&receipt, line).unwrap();
    fs::write(pack.join("trust.pinned.toml"), "read this instead").unwrap();
    assert!(verify(&pack, &site).unwrap_err().contains("`trust.pinned.toml` is no file of a pack"));
    fs::remove_file(pack.join("trust.pinned.toml")).unwrap();
    let proof = pack.join("audit-proof.json");
    fs::rename(&proof, pack.with_extension("proof")).unwrap();
    if Command::new("mkfifo").arg(&proof).status().is_ok_and(|made| made.success()) {
        assert!(verify(&pack, &site).unwrap_err().contains("it is no file"));
        fs::remove_file(&proof).unwrap();
    }
    fs::rename(pack.with_extension("proof"), &proof).unwrap();
    assert_eq!(verify(&pack, &site), Ok(whole));
    let no_pack = verify(pack.parent().unwrap(), &site).unwrap_err();
    assert!(no_pack.contains("name the folder of an evidence pack"), "{no_pack}");
}

/// A site that says one thing in a receipt and another in what the receipt names, is found out.
#[test]
fn a_receipt_that_says_otherwise_than_its_dossier_is_no_evidence() {
    let people = People::new();
    let (_folder, pack) = pack_of(&people, &people.signed(&example("age-sex")), &[]);
    let (site, file) = (site_key().with_extension("pub"), pack.join("release.json.intoto.jsonl"));
    let line = fs::read_to_string(&file).unwrap();
    let key = cloister::public_key(&site).unwrap();
    let envelope = Envelope::from_line(line.trim()).unwrap();
    let payload = envelope.verify(&key).unwrap().to_vec();
    let dossier = fs::read_to_string(pack.join("dossier.json")).unwrap();
    let open = dossier.replace("\"tier\": \"reviewed\"", "\"tier\": \"open\"");
    assert_ne!(open, dossier);
    for what in ["tier", "policies", "registration"] {
        let mut statement = Statement::decode(&payload).unwrap();
        let Claim::Receipt(receipt) = &mut statement.claim else { panic!("it is no receipt") };
        match what {
            "policies" => drop(receipt.policies.pop()),
            "registration" => receipt.snapshot = None,
            _ => {}
        }
        let papers = if what == "tier" { &open } else { &dossier };
        fs::write(pack.join("dossier.json"), papers).unwrap();
        receipt.dossier = Digest::of(papers.as_bytes());
        let payload = statement.encode().unwrap();
        let signed = signer(&site_key()).envelope(PayloadType::Statement, payload).unwrap();
        fs::write(&file, signed.to_line().unwrap() + "\n").unwrap();
        let said = verify(&pack, &site).unwrap_err();
        assert!(said.contains(&format!("the receipt names another {what} than")), "{said}");
    }
    fs::write(&file, line).unwrap();
    verify(&pack, &site).unwrap();
}

/// What others asked cannot be slipped in, though the site's log has it.
#[test]
fn an_entry_about_another_request_is_no_evidence() {
    let (folder, people) = (fresh(), People::new());
    let dataset = gibleed_in(folder.path());
    for (name, out) in [("gi-bleed", "other"), ("age-sex", "out")] {
        let module = people.signed(&example(name));
        let run = people.run(&module, &dataset, &folder.path().join(out));
        succeed(&run.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let (pack, site) = (evidence(folder.path(), "out"), site_key().with_extension("pub"));
    verify(&pack, &site).unwrap();
    let (log, proof) = (folder.path().join("audit.jsonl"), pack.join("audit-proof.json"));
    fs::remove_file(&proof).unwrap();
    succeed(&["audit", "export", text(&log), "--site", text(&site), "--out", text(&proof)]);
    let said = verify(&pack, &site).unwrap_err();
    assert!(said.contains("entry 0 of the audit log is not about this release"), "{said}");
}

/// The steps on the page of `pack`, as they are printed.
fn steps(pack: &Path) -> Vec<String> {
    let page = fs::read_to_string(pack.join("index.html")).unwrap();
    let steps = page.split("How to verify it</h2>").nth(1).unwrap();
    let code = steps.split("<code>cloister ").skip(1);
    let code = code.map(|rest| rest.split("</code>").next().unwrap().replace("&#39;", "'"));
    code.map(|step| format!("cloister {step}")).collect()
}

/// Whoever has the folder and the program follows the page; of each tier, and of an approval.
#[test]
fn every_step_of_a_page_succeeds_as_it_is_printed() {
    let people = People::new();
    let reviewed = people.signed(&example("age-sex"));
    let author = people.file("open.wasm");
    fs::copy(example("age-sex"), &author).unwrap();
    people.sign(&author, "author");
    let approved = people.signed(&example("age-sex"));
    let (folder, key) = (fresh(), people.file("site.key"));
    let dataset = named_at_length(folder.path());
    let approve = ["approve", text(&approved), "--key", text(&key), "--dataset", text(&dataset)];
    let more = ["--valid-until", "2999-12-31", "--permit", "HDAB-7", "--person", "A. Asker"];
    succeed(&[&approve[..], &more].concat());
    let open = ["--profile", "strict", "--tier", "open"];
    for (module, more, behind) in [
        (&reviewed, &[][..], "an author and 2 reviewers stood behind"),
        (&author, &open[..], "an author and 0 reviewers stood behind"),
        (&approved, &["--profile", "public"][..], "an author and 2 reviewers stood behind"),
    ] {
        let (_folder, pack) = pack_of(&people, module, more);
        let steps = steps(&pack);
        assert_eq!(steps.len(), 6, "{steps:?}");
        let mut said = String::new();
        for step in &steps {
            let mut command = Command::new("sh");
            let beside = Path::new(env!("CARGO_BIN_EXE_cloister")).parent().unwrap();
            let path = std::env::var("PATH").unwrap();
            command.env("PATH", format!("{}:{path}", text(beside)));
            let ended = command.args(["-c", step]).current_dir(&pack).output().unwrap();
            assert!(ended.status.success(), "{step}: {}", String::from_utf8_lossy(&ended.stderr));
            said += &String::from_utf8(ended.stdout).unwrap();
        }
        assert!(said.contains(behind), "{steps:?}: {said}");
        assert_eq!(steps.concat().contains("--approved-for"), more == ["--profile", "public"]);
        let page = fs::read_to_string(pack.join("index.html")).unwrap();
        let approval = ["The approval of site of org of site", "HDAB-7", "A. Asker", "2999-12-31"];
        for words in approval {
            assert_eq!(page.contains(words), more == ["--profile", "public"], "{words}: {page}");
        }
        // Adopting the list, as a step says, leaves the pack whole.
        assert!(pack.join("trust.pinned.toml").exists());
        verify(&pack, &pack.join("site.pub")).unwrap();
    }
}

/// An authority has no other source for what was read, by which policy, and whose keys these are.
#[test]
fn a_page_says_what_was_read_what_policies_saw_and_what_to_compare() {
    let people = People::new();
    let (_folder, pack) = pack_of(&people, &people.signed(&example("gi-bleed")), &[]);
    let page = fs::read_to_string(pack.join("index.html")).unwrap();
    let key = fs::read_to_string(pack.join("site.pub")).unwrap();
    let (trust, _) = cloister::root_fingerprint(&pack.join("trust.toml")).unwrap();
    let trust = trust.to_string();
    for words in [
        key.trim(),
        &trust,
        "<dt>hospital</dt><dd>org of site</dd>",
        "outcome (from condition_occurrence)",
        "condition_start_date (date)",
        "and descendants",
        "how many persons",
        "2 of reviewers (2 of other organisations)",
        "sensitive",
        "if at least 50 persons contributed",
        "if at least 10 persons did",
        "at least 10% of the largest (the p% rule)",
        "32 for this job; with it the account had spent 32 of 269",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("cloister.cedarschema"), "it decides nothing");
}
