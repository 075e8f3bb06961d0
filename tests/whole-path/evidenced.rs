//! The evidence pack of a release, and that nothing which leaves tells of a row.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use cloister_contract::envelope::Envelope;

use crate::harness::{
    FIRST_VALUE, People, cloister, command, example, fresh, gibleed_in, site_key, small_guest,
    succeed, text,
};

fn evidence(folder: &Path, out: &str) -> PathBuf {
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
const FILES: [&str; 19] = [
    "audit-proof.json",
    "cells.csv",
    "certificates.intoto.jsonl",
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
    succeed(&["trust", "adopt", &trust, "--expect", &fingerprint.to_string()]);
    let said = succeed(&["verify", &file("module.wasm"), "--trust", &trust]);
    assert!(said.contains("an author and 2 reviewers stand behind this module"), "{said}");
    assert_eq!(
        fs::read(file("profile.toml")).unwrap(),
        fs::read(crate::harness::root().join("policies/hospital.toml")).unwrap()
    );
    let page = fs::read_to_string(file("index.html")).unwrap();
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

const STUDY: &str = r#"
[study]
name = "rows"
version = "1.0.0"
title = "What a row changes"
purpose = "scientific-research"
[tables.person]
columns = { year_of_birth = "int" }
[outputs]
n = { kind = "count" }
value = { kind = "moments", bounds = [0, 1000], grid = 1 }
[limits]
fuel = 100_000
memory_pages = 2
"#;

/// A site of its own with registered data, whose person 100 then has another `year`: written with
/// the same length and time, so that nobody notices.
fn site_with(year: &str, folder: &Path) -> PathBuf {
    let rows: String = (100..302).map(|id| format!("{id},1950\n")).collect();
    let person = folder.join("person.csv");
    fs::write(&person, format!("person_id,year_of_birth\n{rows}")).unwrap();
    let dataset = folder.join("dataset.toml");
    let lines = "name = \"rows\"\nsnapshot_date = \"2020-01-01\"\npublished_persons = 100\n\
                 unit = { table = \"person\", key = \"person_id\" }\n[tables]\n\
                 person = { path = \"person.csv\", format = \"csv\" }\n";
    fs::write(&dataset, lines).unwrap();
    succeed(&["dataset", "register", text(&dataset), "--site-key", text(&site_key())]);
    let modified = fs::metadata(&person).unwrap().modified().unwrap();
    let changed = fs::read_to_string(&person).unwrap().replace("100,1950", &format!("100,{year}"));
    fs::write(&person, changed).unwrap();
    File::options().append(true).open(&person).unwrap().set_modified(modified).unwrap();
    dataset
}

/// All that leaves, without what is of the second in which it was asked: times, what they are
/// hashed into, and signatures.
fn leaves(folder: &Path) -> BTreeMap<String, String> {
    let key = cloister::public_key(&site_key().with_extension("pub")).unwrap();
    let pack = evidence(folder, "out");
    let mut all = files(&folder.join("out"));
    all.extend(files(&pack).into_iter().map(|(name, bytes)| (format!("evidence/{name}"), bytes)));
    let log = cloister::read_audit(&folder.join("audit.jsonl"), Some(&key)).unwrap();
    let named: Vec<String> =
        log.entries().filter_map(|entry| Some(entry.receipt()?.to_string())).collect();
    let lines: Vec<String> = log.lines().to_vec();
    all.insert("audit".to_owned(), lines.join("\n").into_bytes());
    let plain = |name: &str, bytes: Vec<u8>| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let text = if name.ends_with("release.json.intoto.jsonl") {
            let envelope = Envelope::from_line(text.trim()).unwrap();
            String::from_utf8(envelope.verify(&key).unwrap().to_vec()).unwrap()
        } else if name.ends_with("audit-proof.json") {
            let proof: serde_json::Value = serde_json::from_str(&text).unwrap();
            let entries = proof["entries"].as_array().unwrap().iter();
            entries.map(|one| one["entry"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
        } else {
            text
        };
        let text = named.iter().fold(text, |text, receipt| text.replace(receipt, "RECEIPT"));
        text.split_inclusive(['"', '<', '>', ' '])
            .map(|part| if is_instant(part) { "AT" } else { part })
            .collect()
    };
    all.into_iter().map(|(name, bytes)| (name.clone(), plain(&name, bytes))).collect()
}

/// Whether this begins as an instant does.
fn is_instant(part: &str) -> bool {
    part.get(..11).is_some_and(|day| {
        let digits = day.bytes().filter(u8::is_ascii_digit).count() == 8;
        digits && day.ends_with('T') && part.contains('Z')
    })
}

/// The universal oracle over what this tier of paper adds: receipt, audit log and evidence are the
/// same bytes whatever one person's record says, as long as the released numbers are.
#[test]
fn nothing_that_leaves_changes_when_a_row_changes_inside_an_epoch() {
    let people = People::new();
    let guests = fresh();
    // It traps, burns fuel and contributes elsewhere for whoever is born in 1951.
    let hostile = format!(
        "{FIRST_VALUE} (if (i64.eq (local.get $secret) (i64.const 1951)) (then
            (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
            (loop $burn (br_if $burn (i32.const 1)))))
         (call $contribute (i32.const 0) (i64.const 0) (f64.const 1))
         (call $contribute (i32.const 1) (i64.const 0) (f64.const 7))"
    );
    let module = people.signed(&small_guest(guests.path(), STUDY, &hostile));
    let folders = [fresh(), fresh()];
    let original = site_with("1950", folders[0].path());
    // The other site is a copy of the first: the same registration, another row.
    site_with("1951", folders[1].path());
    for name in ["dataset.snapshot.json", "dataset.snapshot.json.intoto.jsonl"] {
        fs::copy(original.with_file_name(name), folders[1].path().join(name)).unwrap();
    }
    let person = folders[1].path().join("person.csv");
    let modified = fs::metadata(original.with_file_name("person.csv")).unwrap().modified().unwrap();
    File::options().append(true).open(&person).unwrap().set_modified(modified).unwrap();
    assert_ne!(
        fs::read(&person).unwrap(),
        fs::read(original.with_file_name("person.csv")).unwrap()
    );
    let all = [&folders[0], &folders[1]].map(|folder| {
        // So that no two instants are the same, and each must be seen to be one.
        sleep(Duration::from_secs(1));
        let dataset = folder.path().join("dataset.toml");
        let mut run = people.run(&module, &dataset, &folder.path().join("out"));
        run.push("--at-once".to_owned());
        let mut run = command(&run.iter().map(String::as_str).collect::<Vec<_>>());
        let ended = run.output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        leaves(folder.path())
    });
    assert!(all[0].len() > 20 && all[0]["audit"].contains("AT"), "{:?}", all[0].keys());
    for (name, text) in &all[0] {
        assert_eq!(Some(text), all[1].get(name), "`{name}` tells of the row");
    }
    assert_eq!(all[0].len(), all[1].len());
    // The site itself sees it: the second data are not those that were registered.
    let out = folders[1].path().join("out");
    let words = [
        "replay",
        text(&out),
        "--dataset",
        text(&folders[1].path().join("dataset.toml")),
        "--site-key",
        text(&site_key()),
    ]
    .map(str::to_owned);
    let ended = cloister(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(String::from_utf8(ended.stderr).unwrap().contains("`person.csv` has other bytes"));
}
