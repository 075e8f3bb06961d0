//! Who may ask what: policies before the ledger and before any table, in the real binary.

use std::fs;
use std::path::PathBuf;

use crate::harness::{People, cloister, example, fresh, gibleed, small_guest, succeed, text};
use crate::hostile::{STUDY, dataset};

pub(crate) const COUNT: &str = "(call $contribute (i32.const 1) (i64.const 0) (f64.const 1))";

/// A site over two hundred patients whose year of birth it calls sensitive, and a module that an
/// author and two reviewers signed.
struct Site {
    people: People,
    folder: tempfile::TempDir,
    dataset: PathBuf,
    module: PathBuf,
}

impl Site {
    fn new(sensitive: &str) -> Self {
        let people = People::new();
        let (folder, dataset) = dataset(&[7; 200]);
        let described = fs::read_to_string(&dataset).unwrap();
        let patients = described.replace("synthetic = true", sensitive);
        assert_ne!(described, patients);
        fs::write(&dataset, patients).unwrap();
        let guests = fresh();
        let params = "[params]\nother = { type = \"int\", min = 0, max = 9, default = 0 }\n";
        let study = STUDY.replace("[tables.person]", &format!("{params}[tables.person]"));
        let module = people.signed(&small_guest(guests.path(), &study, COUNT));
        Self { people, folder, dataset, module }
    }

    fn policy(&self, name: &str, text: &str) {
        let folder = self.folder.path().join("policies");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }

    /// What a run releases, or the one line that it is refused with; then nothing is written.
    fn run(&self, more: &[&str]) -> Result<Vec<u8>, String> {
        let out = fresh();
        let out = out.path().join("out");
        let mut arguments = self.people.run(&self.module, &self.dataset, &out);
        arguments.extend(["--at-once".to_owned()]);
        arguments.extend(more.iter().map(|one| (*one).to_owned()));
        let output = cloister(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let said = String::from_utf8(output.stderr).unwrap();
        if output.status.success() {
            return Ok(fs::read(out.join("release.json")).unwrap());
        }
        assert!(output.status.code() == Some(1) && !out.exists(), "{said}");
        Err(said)
    }

    /// The exit code of a check, and what it says.
    fn check(&self, more: &[&str]) -> (Option<i32>, String) {
        let (trust, module) = (self.people.file("trust.toml"), text(&self.module));
        let mut check = vec!["policy", "check", module, "--dataset", text(&self.dataset)];
        check.extend(["--trust", text(&trust)]);
        check.extend(more);
        said(&check)
    }

    fn ledger(&self) -> PathBuf {
        self.folder.path().join("ledger.sqlite")
    }
}

pub(crate) fn said(arguments: &[&str]) -> (Option<i32>, String) {
    let output = cloister(arguments);
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

pub(crate) const SENSITIVE: &str = "sensitive = [\"person.year_of_birth\"]";

/// The table is no Parquet at all, so whoever opens it says so.
#[test]
fn what_a_policy_refuses_opens_no_table_and_charges_nobody() {
    let site = Site::new(SENSITIVE);
    fs::write(site.folder.path().join("person.parquet"), "this is no table").unwrap();
    let refused = site.run(&[]).unwrap_err();
    for says in [
        "`national-default/sensitive-without-permit` forbids to `run`",
        "context.sensitive is [person.year_of_birth]",
        "there is no context.permit",
        "cloister approve --permit",
    ] {
        assert!(refused.contains(says), "{refused}");
    }
    assert_eq!(refused.lines().count(), 1, "{refused}");
    assert!(!site.ledger().exists(), "the ledger was asked");
    let log = fs::read_to_string(site.folder.path().join("audit.jsonl")).unwrap();
    assert!(log.contains("sensitive-without-permit"), "{log}");
    // What comes next, once a policy lets it, is the table.
    site.policy("ours.cedar", "@id(\"all\") permit (principal, action, resource);");
    let opened = site.run(&[]).unwrap_err();
    assert!(opened.contains("person") && !opened.contains("polic"), "{opened}");
}

#[test]
fn a_permit_that_the_site_approved_lets_sensitive_columns_be_read() {
    let site = Site::new(SENSITIVE);
    assert_eq!(site.check(&[]).0, Some(1));
    let (approve, dataset) = (site.people.file("site.key"), text(&site.dataset));
    let approve = |more: &[&str]| {
        let mut approve = vec!["approve", text(&site.module), "--key", text(&approve)];
        approve.extend(["--dataset", dataset, "--valid-until", "2999-12-31"]);
        approve.extend(more);
        succeed(&approve);
    };
    approve(&[]);
    assert!(site.run(&[]).unwrap_err().contains("no context.permit"), "an approval is no permit");
    approve(&["--permit", "HDAB-7", "--param", "other=1"]);
    assert!(site.run(&[]).unwrap_err().contains("no context.permit"), "of another request");
    approve(&["--permit", "HDAB-7"]);
    let (code, told) = site.check(&[]);
    assert_eq!(code, Some(0), "{told}");
    for says in [
        "permit      HDAB-7, until 2999-12-31",
        "who         author of org of author",
        "2 of reviewers (2 of other organisations)",
        "`run` is allowed by `national-default/reviewed`",
        "`release` is allowed by `national-default/reviewed`",
    ] {
        assert!(told.contains(says), "`{says}`: {told}");
    }
    site.run(&[]).unwrap();
}

/// Approvals stand side by side: of those that cover what is asked, the newest says who pays.
#[test]
fn of_several_approvals_the_newest_pays_wherever_its_line_stands() {
    let site = Site::new("");
    let key = site.people.file("site.key");
    let approve = ["approve", text(&site.module), "--key", text(&key), "--dataset"];
    for more in [
        &["--account", "older"][..],
        &["--account", "newest"],
        &["--account", "other", "--param", "other=1"],
    ] {
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        let rest = [text(&site.dataset), "--valid-until", "2999-12-31"];
        succeed(&[&approve[..], &rest, more].concat());
    }
    let beside = format!("{}.intoto.jsonl", text(&site.module));
    let mut lines: Vec<String> =
        fs::read_to_string(&beside).unwrap().lines().map(|line| format!("{line}\n")).collect();
    lines.reverse();
    fs::write(&beside, lines.concat()).unwrap();
    site.run(&[]).unwrap();
    let shown = succeed(&["ledger", "show", text(&site.ledger())]);
    assert!(shown.contains("approved as newest"), "{shown}");
}

/// What the profile wants of signatures is no policy's business, and a check tells it besides.
#[test]
fn a_check_tells_what_the_profile_misses_whatever_policies_say() {
    let site = Site::new("");
    assert_eq!(site.check(&[]).0, Some(0));
    let key = site.people.file("three.key");
    let sign = ["sign", text(&site.module), "--key", text(&key), "--role", "reviewer"];
    succeed(&[&sign[..], &["--reject"]].concat());
    let (code, told) = site.check(&[]);
    let refused = site.run(&[]).unwrap_err();
    let why = refused.trim_start_matches("error: ").trim_end();
    assert!(why.contains("rejects this module") && told.contains(why), "{refused}{told}");
    assert!(code == Some(1) && told.contains("`run` is allowed by"), "{told}");
    assert_eq!(site.check(&["--action", "inspect"]).0, Some(0), "that needs no signature");
}

#[test]
fn a_stored_release_is_given_again_only_while_a_policy_lets_it() {
    let site = Site::new("");
    let first = site.run(&[]).unwrap();
    assert_eq!(site.run(&[]).unwrap(), first);
    site.policy(
        "ours.cedar",
        "@id(\"all\") permit (principal, action, resource);\n\
         @id(\"nothing-out\") @next(\"ask the board\")\n\
         forbid (principal, action == Action::\"release\", resource);",
    );
    let refused = site.run(&[]).unwrap_err();
    assert!(
        refused.contains("`ours/nothing-out` forbids to `release`; ask the board"),
        "{refused}"
    );
    fs::remove_dir_all(site.folder.path().join("policies")).unwrap();
    assert_eq!(site.run(&[]).unwrap(), first);
}

#[test]
fn a_policy_that_is_wrong_stops_the_site_at_its_start() {
    let site = Site::new("");
    site.policy(
        "ours.cedar",
        "@id(\"a\")\npermit (principal, action, resource)\nwhen { context.purpos };",
    );
    for refused in [site.run(&[]).unwrap_err(), site.check(&[]).1] {
        assert!(refused.contains("policies/ours.cedar:3: "), "{refused}");
        assert!(refused.contains("did you mean `purpose`?"), "{refused}");
    }
    assert!(site.run(&["--policy", "national-default"]).is_ok(), "another one is chosen");
    let refused = site.run(&["--policy", "national-defualt"]).unwrap_err();
    assert!(refused.contains("did you mean `national-default`?"), "{refused}");
}

/// A file that was meant as a policy is never passed over.
#[test]
fn a_policy_that_is_not_found_as_one_is_not_passed_over() {
    let site = Site::new("");
    let policies = site.folder.path().join("policies");
    for (name, says) in [
        ("ours.Cedar", "ours.Cedar"),
        // What policies are asked about has this name.
        ("cloister.cedarschema.cedar", "ends in no `.cedarschema`"),
    ] {
        site.policy(name, "@id(\"all\") permit (principal, action, resource);");
        for refused in [site.run(&[]).unwrap_err(), site.check(&[]).1] {
            assert!(refused.contains(says), "{refused}");
        }
        fs::remove_dir_all(&policies).unwrap();
    }
    std::os::unix::fs::symlink(site.folder.path().join("taken away"), &policies).unwrap();
    for refused in [site.run(&[]).unwrap_err(), site.check(&[]).1] {
        assert!(refused.contains("policies"), "{refused}");
    }
    fs::remove_file(&policies).unwrap();
    site.run(&[]).unwrap();
}

#[test]
fn policies_are_checked_without_a_module() {
    let (code, told) = said(&["policy", "check"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("  national-default/reviewed\n"), "{told}");
    assert!(told.contains("  prohibited-uses/advertising\n"), "{told}");
    let folder = fresh();
    let file = folder.path().join("ours.cedar");
    fs::write(&file, "permit (principal, action, resource)").unwrap();
    let (code, told) = said(&["policy", "check", "--policy", text(&file)]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("ours.cedar:1: "), "{told}");
    let (code, told) = said(&["policy", "check", "--policy", "code-of-conduct"]);
    assert!(code == Some(0) && told.contains("none of these permits anything"), "{told}");
}

#[test]
fn under_exact_policies_are_asked_too() {
    let (module, dataset) = (example("age-sex"), gibleed());
    let check = |more: &[&str]| {
        let mut check = vec!["policy", "check", text(&module), "--dataset", text(&dataset)];
        check.extend(["--profile", "exact"]);
        check.extend(more);
        said(&check)
    };
    let (code, told) = check(&[]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("allowed by `national-default/synthetic-or-public`"), "{told}");
    let (code, told) = check(&["--purpose", "advertising", "--json"]);
    assert_eq!(code, Some(1), "{told}");
    let decisions: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(decisions[0]["forbidden_by"][0]["policy"], "prohibited-uses/advertising");
    assert_eq!(decisions[0]["facts"]["purpose"], "advertising");
    assert_eq!(decisions[0]["policies"], decisions[1]["policies"]);
    let (code, told) = check(&["--purpose", "advertisements", "--action", "run"]);
    assert!(code == Some(1) && told.contains("\"advertising\""), "{told}");
    let folder = fresh();
    let file = folder.path().join("ours.cedar");
    let never = "@id(\"never\") forbid (principal, action, resource);";
    fs::write(&file, never).unwrap();
    let out = folder.path().join("out");
    let mut run = vec!["run", text(&module), "--dataset", text(&dataset), "--profile", "exact"];
    run.extend(["--out", text(&out), "--policy", text(&file)]);
    let (code, told) = said(&run);
    assert!(code == Some(1) && told.contains("`ours/never` forbids to `run`"), "{told}");
    assert!(!out.exists());
}

#[test]
fn a_prepared_copy_keeps_what_is_sensitive_and_who_may_ask() {
    let site = Site::new("sensitive = [\"raw.year_of_birth\"]");
    let described = fs::read_to_string(&site.dataset).unwrap();
    let view = "raw = \"person.parquet\"\n[views]\n\
                person = \"SELECT person_id, year_of_birth FROM raw\"\n";
    let described = described.replace("person = \"person.parquet\"\n", view);
    fs::write(&site.dataset, described).unwrap();
    let asked = site.run(&[]).unwrap_err();
    assert!(asked.contains("context.sensitive is [person.year_of_birth]"), "{asked}");
    let copy = site.folder.path().join("copy");
    let prepare = ["dataset", "prepare", text(&site.dataset), "--out", text(&copy)];
    succeed(&prepare);
    let copied = Site { dataset: copy.join("dataset.toml"), ..site };
    let asked = copied.run(&[]).unwrap_err();
    assert!(asked.contains("context.sensitive is [person.year_of_birth]"), "{asked}");
    copied.policy("ours.cedar", "@id(\"none\") forbid (principal, action, resource);");
    let again = copied.folder.path().join("again");
    let source = copied.folder.path().join("dataset.toml");
    succeed(&["dataset", "prepare", text(&source), "--out", text(&again)]);
    let copied = Site { dataset: again.join("dataset.toml"), ..copied };
    assert!(copied.run(&[]).unwrap_err().contains("`ours/none`"));
}
