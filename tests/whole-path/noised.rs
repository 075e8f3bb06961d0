//! The tier `open`: noise over the example's known answers, charged to its persons.

use std::fs;
use std::path::{Path, PathBuf};

use cloister_contract::release::{NoiseMechanism, NoisedNumber, ReleaseDocument, Status};
use tempfile::TempDir;

use crate::evidenced::evidence;
use crate::harness::{
    People, cloister, command, exact, example, fresh, gibleed, gibleed_in, root, succeed, text,
};
use crate::hostile::dataset;

/// A site over GiBleed, and the example's module with its author's signature alone.
struct Site {
    people: People,
    module: PathBuf,
    outs: TempDir,
}

impl Site {
    fn new() -> Self {
        let (people, outs) = (People::new(), fresh());
        let module = outs.path().join("study.wasm");
        fs::copy(example("gi-bleed"), &module).unwrap();
        people.sign(&module, "author");
        Self { people, module, outs }
    }

    /// The bytes of a release into `out`, or what is said instead.
    fn run(&self, dataset: &Path, out: &str, more: &[&str]) -> Result<Vec<u8>, String> {
        let out = self.outs.path().join(out);
        let mut arguments = self.people.run(&self.module, dataset, &out);
        arguments.extend(more.iter().copied().map(str::to_owned));
        let ran = command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let ran = { ran }.output().unwrap();
        let said = String::from_utf8(ran.stderr).unwrap();
        if ran.status.success() {
            Ok(fs::read(out.join("release.json")).unwrap())
        } else {
            Err(said)
        }
    }

    /// `strict` in the tier `open`, with a year that affords but one job.
    fn one_job_a_year(&self) -> String {
        let file = self.outs.path().join("one-job-a-year.toml");
        let strict = fs::read_to_string(root().join("policies/strict.toml")).unwrap();
        let (line, other) = ("person_and_year = 5", "person_and_year = 0.71");
        assert!(strict.contains(line));
        fs::write(&file, strict.replace(line, other)).unwrap();
        text(&file).to_owned()
    }

    fn ledger(&self) -> serde_json::Value {
        let json = succeed(&["ledger", "show", text(&self.people.ledger()), "--json"]);
        serde_json::from_str(&json).unwrap()
    }
}

const OPEN: [&str; 4] = ["--profile", "strict", "--tier", "open"];

/// By hand: five quantities share ρ = 0.004443; a person is in one cell of `exposed` and in two of
/// its margins, so σ = √(3 · 5 / 0.008886) = 41.1, and 95% lie within 80.5, so within 81.
#[test]
fn an_author_alone_gets_noised_numbers_and_the_same_ones_again() {
    let site = Site::new();
    let reviewed = site.run(&gibleed(), "reviewed", &["--profile", "strict"]).unwrap_err();
    assert!(reviewed.contains("0 of 2 trusted reviewers"), "{reviewed}");
    let bytes = site.run(&gibleed(), "first", &OPEN).unwrap();
    let release = ReleaseDocument::decode(&bytes).unwrap();
    let noise = release.noise.as_ref().unwrap();
    assert_eq!((noise.mechanism, noise.scales.len()), (NoiseMechanism::Gaussian, 5));
    assert!(noise.epsilon.total_cmp(&0.5).is_eq() && noise.rho.total_cmp(&0.004_443).is_eq());
    let scale = |output: &str, number| {
        let one = noise.scales.iter().find(|one| one.output == output && one.number == number);
        (one.unwrap().cells_per_person, one.unwrap().scale)
    };
    let (cells, sigma) = scale("exposed", NoisedNumber::Persons);
    assert!(cells == 3 && (sigma - 41.1).abs() < 0.05, "{sigma}");
    let (cells, days) = scale("days_to_bleed", NoisedNumber::Excess);
    assert!(cells == 1 && (days / 3_650.0 - 23.72).abs() < 0.05, "{days}");
    let known = ReleaseDocument::decode(&exact(&example("gi-bleed"), &gibleed(), &[])).unwrap();
    let (mut counts, mut untouched) = (0, 0);
    for (cell, known) in release.cells.iter().zip(&known.cells) {
        assert_eq!((&cell.output, &cell.cell), (&known.output, &known.cell));
        let truth = known.persons.unwrap()[0] as f64;
        if cell.output == "days_to_bleed" || cell.status == Status::Withheld {
            continue;
        }
        let (noised, [low, high]) = (cell.value.unwrap(), cell.persons.unwrap());
        // Wrong less than once in 10⁹ cells.
        assert!((noised - truth).abs() < 6.5 * sigma, "{noised} for {truth}");
        (counts, untouched) = (counts + 1, untouched + i32::from(noised.total_cmp(&truth).is_eq()));
        assert!(noised >= 20.0 && high as f64 - noised == 81.0, "{noised} in {low} to {high}");
    }
    assert!(counts >= 5, "both arms and all of `exposed`, and of `bled` all and celecoxib");
    // Noise of this σ is nothing in one cell of 103; in five and more less than once in 10⁹ runs.
    assert!(untouched < counts, "no cell has noise");
    assert_ne!(Ok(&bytes), site.run(&gibleed(), "other", &[&OPEN[..], &PARAM].concat()).as_ref());
    let before = site.ledger();
    assert_eq!(site.run(&gibleed(), "again", &OPEN).unwrap(), bytes);
    assert_eq!(site.ledger(), before, "nothing was charged");
    assert_eq!(before["entries"].as_array().unwrap().len(), 4, "two jobs, and what they released");
    let year = &before["persons"][0];
    assert_eq!(year["population"], "gibleed");
    assert!((year["rho"].as_f64().unwrap() - 0.008_886).abs() < 1e-9, "{year}");
}

/// Another job: another parameter.
const PARAM: [&str; 2] = ["--param", "horizon_days=30"];

#[test]
fn a_spent_year_refuses_whoever_asks() {
    let site = Site::new();
    let own = site.one_job_a_year();
    let own = ["--profile", &own, "--tier", "open"];
    site.run(&gibleed(), "first", &own).unwrap();
    let refused = site.run(&gibleed(), "second", &[&own[..], &PARAM].concat()).unwrap_err();
    // ε = 0.71 is ρ = 0.0088…, of which one account has half.
    for part in [
        "the account `open, by author` has spent ρ = 0.004443 of the 0.0044",
        "costs 0.004443",
        "comes back on 20",
    ] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    // What was answered is given again, and the shipped profile allows more.
    site.run(&gibleed(), "again", &own).unwrap();
    site.run(&gibleed(), "more", &[&OPEN[..], &PARAM].concat()).unwrap();
    let page = succeed(&["ledger", "show", text(&site.people.ledger())]);
    assert!(page.contains("open, by author") && page.contains("of 100 times"), "{page}");
}

#[test]
fn an_open_job_over_few_persons_is_refused_before_any_data() {
    let site = Site::new();
    let (data, few) = dataset(&[7; 200]);
    // Whoever read a row would stumble.
    fs::write(data.path().join("person.parquet"), "no table").unwrap();
    let refused = site.run(&few, "few", &OPEN).unwrap_err();
    assert!(
        refused.contains("publishes 100 persons, and the profile `strict` asks for 200"),
        "{refused}"
    );
    assert!(!data.path().join("releases").exists() && !data.path().join("ledger.sqlite").exists());
}

#[test]
fn a_profile_without_the_tier_refuses_it() {
    let site = Site::new();
    let refused = site.run(&gibleed(), "out", &["--tier", "open"]).unwrap_err();
    assert!(refused.contains("the profile `hospital` has no tier `open`"), "{refused}");
    let unknown = cloister(&["run", "x.wasm", "--dataset", "x", "--out", "x", "--tier", "closed"]);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("write `reviewed` or `open`"));
}

/// `public` is open without being told to, and wants reviewers and the site's approval.
#[test]
fn public_wants_reviewers_and_an_approval() {
    let site = Site::new();
    let public = ["--profile", "public"];
    let refused = site.run(&gibleed(), "author", &public).unwrap_err();
    assert!(refused.contains("0 of 2 trusted reviewers"), "{refused}");
    site.people.sign(&site.module, "one");
    site.people.sign(&site.module, "two");
    let refused = site.run(&gibleed(), "reviewed", &public).unwrap_err();
    assert!(refused.contains("has not approved"), "{refused}");
    let (key, data) = (site.people.file("site.key"), gibleed());
    let approve = ["approve", text(&site.module), "--key", text(&key), "--dataset", text(&data)];
    succeed(&[&approve[..], &["--valid-until", "2999-12-31"]].concat());
    let release = site.run(&gibleed(), "approved", &public).unwrap();
    let release = ReleaseDocument::decode(&release).unwrap();
    assert_eq!(release.profile.name, "public");
    assert!(release.noise.unwrap().epsilon.total_cmp(&0.25).is_eq());
}

/// The evidence of a release says of what kind its numbers are, and which there are.
#[test]
fn evidence_says_what_noise_did_and_shows_all_kinds_of_numbers() {
    let folder = fresh();
    let dataset = gibleed_in(folder.path());
    let site = Site::new();
    let page = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let mut arguments = site.people.run(&site.module, &dataset, &out);
        arguments.extend(more.iter().copied().map(str::to_owned));
        succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let pack = evidence(folder.path(), name);
        let page = fs::read_to_string(pack.join("index.html")).unwrap();
        (ReleaseDocument::decode(&fs::read(out.join("release.json")).unwrap()).unwrap(), page)
    };
    let (release, open) = page("open", &OPEN);
    let noise = release.noise.unwrap();
    for says in [
        "discrete Gaussian".to_owned(),
        "holds the exact number in 95 of 100 cases, and else it does not".to_owned(),
        format!("\u{3b5} = {} at \u{3b4} = {:e}", noise.epsilon, noise.delta),
        format!("\u{3c1} = {}", noise.rho),
    ] {
        assert!(open.contains(&says), "{says}: {open}");
    }
    let counted = ["<dt>numbers</dt>", "<dt>bits</dt>"];
    assert!(counted.iter().all(|name| !open.contains(name)), "nobody counts them: {open}");
    site.people.sign(&site.module, "one");
    site.people.sign(&site.module, "two");
    let (release, reviewed) = page("reviewed", &[]);
    assert!(counted.iter().all(|name| reviewed.contains(name)), "{reviewed}");
    assert!(!reviewed.contains("Noise"), "{reviewed}");
    let cell = release.cells.iter().find(|cell| cell.sum.is_some() && cell.sd.is_some()).unwrap();
    for (what, between) in [("sum", cell.sum), ("mean", cell.mean), ("sd", cell.sd)] {
        let [low, high] = between.unwrap();
        let row = reviewed.split(&format!(", {what} ")).nth(1).unwrap();
        let end = row.find(['<', ',']).unwrap();
        let (least, most) = row[..end].split_once(" to ").unwrap();
        let [least, most] = [least, most].map(|end| end.parse::<f64>().unwrap());
        assert!(least <= low && high <= most, "{what} {least} to {most}: {low} to {high}");
        assert!(low - least < 0.11 && most - high < 0.11, "{what} {least} to {most}");
    }
}
