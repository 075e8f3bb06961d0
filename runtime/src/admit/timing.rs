//! `cargo xtask bench admit`: how long the decision over a request takes, but for opening its
//! tables and compiling its guest: module, signatures, policies, and a charge in a ledger on disk.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::keys::Signer;
use crate::policy::Policies;
use crate::run::{Memory, RunOptions};
use crate::trust::{NewPerson, ReviewAnswers, Role, Said, Trust};
use crate::{add_person, adopt_root, new_root, root_fingerprint, sign, sign_root};

/// Twenty-eight cells, as `examples/gi-bleed` has.
const STUDY: &str = r#"
[study]
name = "timed"
version = "1.0.0"
title = "A study of twenty-eight cells"
purpose = "scientific-research"
[params]
year = { type = "int", min = 1, max = 99, default = 1 }
[tables.person]
columns = { year_of_birth = "int" }
[dimensions]
cell = { range = [1, 27] }
[outputs]
n = { kind = "count", by = ["cell"], totals = [[]] }
[limits]
fuel = 100_000
memory_pages = 2
"#;

const GUEST: &str = r#"(module
    (import "cloister" "contribute" (func (param i32 i64 f64)))
    (memory (export "memory") 2)
    (func (export "cloister_v1_arena") (param i32) (result i32) i32.const 1024)
    (func (export "cloister_v1_init") (param i32 i32))
    (func (export "cloister_v1_person") (param i32 i32))"#;

/// Jobs: fewer than `hospital` lets one account run in an epoch.
const JOBS: u32 = 40;

/// Now, for signatures and for the ledger.
const NOW: &str = "2030-01-01T00:00:00Z";

fn key(seed: u8) -> Signer {
    ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).into()
}

/// A module that an author and two reviewers signed, a dataset, and a site that lists them all.
fn site(folder: &Path) -> (Site, PathBuf, Dataset) {
    let study = STUDY.replace('"', "\\\"").replace('\n', "\\n");
    let module = format!("{GUEST}\n(@custom \"cloister.study\" \"{study}\"))");
    let bytes = wat::parse_str(module).unwrap();
    let file = folder.join("study.wasm");
    fs::write(&file, bytes).unwrap();
    let (trust, now) = (folder.join("trust.toml"), NOW.parse().unwrap());
    new_root(&trust, &[key(1).public().into()], 1, now).unwrap();
    let module = Module::open(&file).unwrap();
    for (seed, role) in [(2, Role::Author), (3, Role::Reviewer), (4, Role::Reviewer)] {
        let (name, organisation) = (format!("person {seed}"), format!("organisation {seed}"));
        let key = key(seed);
        let listed = key.public().into();
        let person = NewPerson { name, organisation, roles: vec![role], key: listed };
        add_person(&trust, &person, now).unwrap();
        let said = match role {
            Role::Author => Said::Authorship { source_commit: None },
            _ => Said::Review(ReviewAnswers::default()),
        };
        sign(&file, &module, &key, said, NOW.to_owned()).unwrap();
    }
    sign_root(&trust, &key(1)).unwrap();
    adopt_root(&trust, root_fingerprint(&trust).unwrap().0, now).unwrap();
    fs::write(folder.join("person.parquet"), "nobody opens it").unwrap();
    let dataset = folder.join("dataset.toml");
    let lines = "name = \"timed\"\nsnapshot_date = \"2029-12-31\"\npublished_persons = 100000000\n\
                 unit = { table = \"person\", key = \"person_id\" }\n\
                 [tables]\nperson = \"person.parquet\"\n";
    fs::write(&dataset, lines).unwrap();
    let site = Site {
        trust: Some(Trust::open(&trust, now).unwrap()),
        key: Some(Arc::new(key(5))),
        ledger: Some(folder.join("ledger.sqlite")),
        policies: Policies::open(&[]).unwrap(),
        options: RunOptions { partitions: 1, memory: Memory::default() },
        processes: Processes::One(Isolation::Restored),
        holds: false,
    };
    (site, file, Dataset::open(&dataset).unwrap())
}

/// The steps of [`admit`] in its order, but for `prepare`; what each of them took: module,
/// signatures, policies, ledger.
async fn admitted(site: &Site, file: &Path, dataset: &Dataset, year: u32) -> [Duration; 4] {
    let mut begun = Instant::now();
    let mut lap = || std::mem::replace(&mut begun, Instant::now()).elapsed();
    let (profile, params) =
        (Profile::named("hospital").unwrap(), vec![("year".to_owned(), year.to_string())]);
    let module = Module::open(file).unwrap();
    let opened = lap();
    let verified = Signatures::beside(file).unwrap().verify(&module, site.trust.as_ref());
    let asked = Asked { dataset: "timed", params: Some(&params), site: None };
    let wanted = profile.wanted().unwrap();
    let ground = Ground::vouched(&verified.suffice(wanted, Some(asked)).unwrap());
    let account = study_account(&verified, asked);
    let payer = Payer::new(&module, account, dataset);
    let standing = verified.standing(asked);
    let signed = lap();
    let form = Form::fill(module, ground, dataset.clone(), profile, params.clone()).unwrap();
    let decisions = form.allowed(standing, site, NOW).unwrap();
    assert!(decisions.iter().all(|decision| decision.allowed) && decisions.len() == 2);
    let decided = lap();
    let key = site.key.as_ref().unwrap();
    let secret = SiteSecret::aside(key).await.unwrap().unwrap();
    let ledger = Ledger::at(site.ledger.as_ref().unwrap(), key, secret, NOW).unwrap();
    let Reply::New(ticket) = ledger.ask(form.bill(payer).unwrap()).await.unwrap() else {
        panic!("it was answered before")
    };
    drop(ticket.pay().await.unwrap());
    [opened, signed, decided, lap()]
}

/// How long it takes to bring 4 KiB to the disk beside the ledger.
fn synced(folder: &Path) -> Duration {
    let begun = Instant::now();
    let mut file = fs::File::create(folder.join("synced")).unwrap();
    file.write_all(&[7; 4096]).unwrap();
    file.sync_all().unwrap();
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1_000.0
}

#[tokio::test]
#[ignore = "it measures; `cargo xtask bench admit` asks for it"]
async fn an_admission() {
    let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR").to_owned() + "/../target");
    // Beside the build, so that it is a disk and not a folder in memory.
    let folder = folder.or_else(|_| tempfile::tempdir()).unwrap();
    let (site, file, dataset) = site(folder.path());
    let (mut whole, mut parts, mut disk) = (Vec::new(), [const { Vec::new() }; 4], Vec::new());
    for year in 1..=JOBS {
        disk.push(synced(folder.path()));
        let times = admitted(&site, &file, &dataset, year).await;
        whole.push(times.iter().sum());
        parts.iter_mut().zip(times).for_each(|(part, time)| part.push(time));
    }
    let [module, signatures, policies, ledger] = parts.map(median);
    let (whole, disk) = (median(whole), median(disk));
    println!(
        "an admission, median of {JOBS}: {whole:.2} ms, {:.1} times as long as 4 KiB brought to \
         the disk ({disk:.2} ms)\n  module {module:.2} ms, signatures {signatures:.2} ms, policies \
         {policies:.2} ms ({:.1}% of it), ledger {ledger:.2} ms\n  without opening the tables, and \
         without compiling the guest",
        whole / disk,
        100.0 * policies / whole
    );
}
