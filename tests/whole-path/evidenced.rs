//! The evidence pack of a release.

mod oracle;
#[cfg(unix)]
mod whole;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{People, cloister, example, fresh, gibleed_in, site_key, succeed, text};

pub(crate) fn evidence(folder: &Path, out: &str) -> PathBuf {
    let (pack, ledger) = (folder.join(format!("{out}-evidence")), folder.join("ledger.sqlite"));
    let site = site_key().with_extension("pub");
    succeed(&[
        "evidence",
        text(&folder.join(out)),
        "--ledger",
        text(&ledger),
        "--site",
        text(&site),
        "--out",
        text(&pack),
    ]);
    pack
}

/// The files of a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|file| {
            (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&file).unwrap())
        })
        .collect()
}

/// The files of a pack.
const FILES: [&str; 20] = [
    "audit-proof.json",
    "cells.csv",
    "certificates.intoto.jsonl",
    "charge.json",
    "decision.json",
    "dossier.json",
    "index.html",
    "module.wasm",
    "module.wasm.intoto.jsonl",
    "policy-cloister.cedarschema",
    "policy-national-default.cedar",
    "policy-prohibited-uses.cedar",
    "profile.toml",
    "registration.intoto.jsonl",
    "release.json",
    "release.json.intoto.jsonl",
    "site.pub",
    "study.toml",
    "trust.toml",
    "trust.toml.intoto.jsonl",
];

#[test]
fn a_pack_is_read_and_verified_with_nothing_else() {
    let folder = fresh();
    let dataset = gibleed_in(folder.path());
    let people = People::new();
    let (module, other) = (people.signed(&example("gi-bleed")), people.signed(&example("age-sex")));
    for (module, out) in
        [(&other, "other"), (&module, "out"), (&other, "again"), (&module, "out-again")]
    {
        let arguments = people.run(module, &dataset, &folder.path().join(out));
        succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let pack = evidence(folder.path(), "out");
    let names: Vec<String> = files(&pack).into_keys().collect();
    assert_eq!(names, FILES);
    // All that was needed goes; what is left verifies by itself.
    let elsewhere = fresh();
    let pack_there = elsewhere.path().join("pack");
    fs::rename(&pack, &pack_there).unwrap();
    let file = |name: &str| text(&pack_there.join(name)).to_owned();
    let (site, release) = (file("site.pub"), file("release.json"));
    let said = succeed(&["receipt", "verify", &release, "--site", &site]);
    for fact in ["gi-bleed 1.0.0", "profile   hospital, tier reviewed", "national-default"] {
        assert!(said.contains(fact), "{fact}: {said}");
    }
    let said = succeed(&["audit", "verify", &file("audit-proof.json"), "--site", &site]);
    assert!(said.contains("3 entries, each under that root"), "{said}");
    let proof = fs::read_to_string(file("audit-proof.json")).unwrap();
    assert!(!proof.contains("age-sex"), "what others asked is nobody's business here");
    let trust = file("trust.toml");
    let (fingerprint, _) = cloister::root_fingerprint(Path::new(&trust)).unwrap();
    // As the page says: of that day, also once the list has expired.
    let page = fs::read_to_string(file("index.html")).unwrap();
    let day = &page.split("--at ").nth(1).unwrap()[..10];
    let (fingerprint, module) = (fingerprint.to_string(), file("module.wasm"));
    let adopt = ["trust", "adopt", &trust, "--expect", &fingerprint, "--at"];
    let verify = ["verify", &module, "--trust", &trust, "--at"];
    let later = |words: &[&str]| cloister(&[words, &["2998-12-31"]].concat()).stderr;
    assert!(String::from_utf8(later(&adopt)).unwrap().contains("expired on"));
    succeed(&[&adopt[..], &[day]].concat());
    assert!(String::from_utf8(later(&verify)).unwrap().contains("expired on"));
    let said = succeed(&[&verify[..], &[day]].concat());
    assert!(said.contains("an author and 2 reviewers stood behind this module on"), "{said}");
    assert_eq!(
        fs::read(file("profile.toml")).unwrap(),
        fs::read(crate::harness::root().join("policies/hospital.toml")).unwrap()
    );
    for words in [
        "What was asked",
        "GI bleeding after celecoxib",
        "author of org of author (author)",
        "1840 to 1844 persons",
        "allowed by national-default/reviewed",
        "withheld",
        "cloister receipt verify",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("<script") && !page.contains(text(folder.path())));
}

/// The page has who had signed when it was asked, and the reviews that counted then.
#[test]
fn a_page_says_who_had_signed_and_how_reviewers_answered() {
    let folder = fresh();
    let (dataset, people) = (gibleed_in(folder.path()), People::new());
    let module = people.signed(&example("age-sex"));
    let run = |out: &str| {
        let arguments = people.run(&module, &dataset, &folder.path().join(out));
        succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    };
    run("first");
    let answers = people.file("answers.toml");
    crate::harness::new_key(&people.file("stranger.key"));
    for (key, note) in [("three", "all\\n<b>three</b>"), ("stranger", "trust me")] {
        let head = "[[answer]]\nanswer = \"yes\"\nitem = ";
        let asked = format!("{head}\"pairs\"\nnote = \"{note}\"\n{head}\"params\"\n");
        fs::write(&answers, asked.replacen("yes", "not-applicable", 1)).unwrap();
        let key = people.file(&format!("{key}.key"));
        let sign = ["sign", text(&module), "--key", text(&key), "--role", "reviewer"];
        succeed(&[&sign[..], &["--answers", text(&answers)]].concat());
    }
    run("again");
    let page = |out| fs::read_to_string(evidence(folder.path(), out).join("index.html")).unwrap();
    let (first, again) = (page("first"), page("again"));
    let reviews = |page: &str| page.matches("<h3>The review of ").count();
    assert_eq!((reviews(&first), reviews(&again)), (2, 3), "{first}\n{again}");
    assert_eq!(first.matches("answers no question").count(), 2, "{first}");
    assert!(!first.contains("three of org of three"), "who signed later: {first}");
    for words in ["three of org of three (reviewer)", "given again, and some of them", "it may run"]
    {
        assert!(again.contains(words), "{words}: {again}");
    }
    for words in
        ["Do no two cells count almost", ">not applicable<", ">all &lt;b&gt;three&lt;/b&gt;<"]
    {
        assert!(again.contains(words), "{words}: {again}");
    }
    assert!(!again.contains("trust me"), "{again}");
}

#[test]
fn there_is_no_evidence_of_what_does_not_verify() {
    let folder = fresh();
    let dataset = gibleed_in(folder.path());
    let people = People::new();
    let module = people.signed(&example("age-sex"));
    let arguments = people.run(&module, &dataset, &folder.path().join("out"));
    succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let pack = folder.path().join("pack");
    let ask = |site: &Path| {
        let (out, ledger) = (folder.path().join("out"), folder.path().join("ledger.sqlite"));
        let words = ["evidence", text(&out), "--ledger", text(&ledger), "--site", text(site)];
        let ended = cloister(&[&words[..], &["--out", text(&pack)]].concat());
        assert!(!ended.status.success() && !pack.exists());
        String::from_utf8(ended.stderr).unwrap()
    };
    let site = people.file("site.pub");
    assert!(ask(&people.file("author.pub")).contains("not sealed by this site"));
    let changed = |file: &Path, how: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        let bytes = fs::read(file).unwrap();
        fs::write(file, how(bytes.clone())).unwrap();
        let said = ask(&site);
        fs::write(file, bytes).unwrap();
        said
    };
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    assert!(changed(&folder.path().join("out/release.json"), &cut).contains("not sealed"));
    assert!(changed(&folder.path().join("audit.jsonl"), &cut).contains("does not verify"));
    for entry in fs::read_dir(folder.path().join("releases")).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|end| end == "dossier" || end == "wasm" || end == "json") {
            let said = changed(&file, &cut);
            assert!(said.contains("is not"), "{}: {said}", file.display());
        }
        // A dossier that reads well, and says that another policy allowed it.
        if file.extension().is_some_and(|end| end == "dossier") {
            let other = |bytes: Vec<u8>| {
                let text = String::from_utf8(bytes).unwrap();
                let other = text.replace("national-default", "national-defiant");
                assert_ne!(other, text);
                other.into_bytes()
            };
            assert!(changed(&file, &other).contains("is not what this site kept"));
        }
    }
}

/// Each receipt's evidence is of its own request: of the policies that were in force then.
#[test]
fn a_release_that_is_given_again_has_evidence_of_its_own() {
    let folder = fresh();
    let dataset = gibleed_in(folder.path());
    let people = People::new();
    let module = people.signed(&example("age-sex"));
    let run = |out: &str| {
        let arguments = people.run(&module, &dataset, &folder.path().join(out));
        succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    };
    run("out");
    let policies = folder.path().join("policies");
    fs::create_dir(&policies).unwrap();
    let ours = "@id(\"all\") permit (principal, action, resource);";
    // Its name is one that another file of a pack has.
    fs::write(policies.join("profile.toml.cedar"), ours).unwrap();
    run("again");
    let [first, second] = ["out", "again"].map(|out| files(&evidence(folder.path(), out)));
    for name in ["release.json", "profile.toml"] {
        assert_eq!(first[name], second[name], "{name}");
    }
    let says = |pack: &BTreeMap<String, Vec<u8>>, name: &str, word: &str| {
        String::from_utf8_lossy(&pack[name]).contains(word)
    };
    for (pack, has, has_not) in [
        (&first, "national-default", "profile.toml"),
        (&second, "profile.toml", "national-default"),
    ] {
        assert!(pack.contains_key(&format!("policy-{has}.cedar")));
        assert!(!pack.contains_key(&format!("policy-{has_not}.cedar")));
        for name in ["index.html", "decision.json"] {
            let [has, has_not] = [has, has_not].map(|policy| format!("{policy}/"));
            assert!(says(pack, name, &has) && !says(pack, name, &has_not), "{name}: {has}");
        }
    }
    // A receipt of a copy of the site, which its own log does not name.
    let copy = fresh();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let releases = copy.path().join("releases");
    fs::create_dir(&releases).unwrap();
    for entry in fs::read_dir(folder.path().join("releases")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, releases.join(path.file_name().unwrap())).unwrap();
    }
    let there = copy.path().join("dataset.toml");
    let arguments = people.run(&module, &there, &copy.path().join("there"));
    succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let (there, ledger) = (copy.path().join("there"), folder.path().join("ledger.sqlite"));
    let (site, pack) = (site_key().with_extension("pub"), copy.path().join("pack"));
    let words = ["evidence", text(&there), "--ledger", text(&ledger), "--site", text(&site)];
    let ended = cloister(&[&words[..], &["--out", text(&pack)]].concat());
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(!pack.exists() && !said.is_empty(), "{said}");
}
