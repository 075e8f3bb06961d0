//! A prepared copy: the same answer without a shuffle or a sort, and no false promise believed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cloister::{Profile, Request};
use cloister_synth::{Options, generate};
use datafusion::arrow::array::StringArray;

use crate::checked;
use crate::harness::{
    cloister, command, exact, example, fresh, gibleed, gibleed_in, opened, root, say_skipped,
    succeed, text,
};

/// Prepares `dataset` into `out` and gives the copy's description.
fn prepare(dataset: &Path, out: &Path, ranges: &str) -> PathBuf {
    succeed(&["dataset", "prepare", text(dataset), "--out", text(out), "--ranges", ranges]);
    out.join("dataset.toml")
}

/// What a run over `dataset` says when it fails.
fn fails(dataset: &Path) -> String {
    let out = fresh();
    let (module, out) = (example("gi-bleed"), out.path().join("out"));
    let run = ["run", text(&module), "--dataset", text(dataset), "--profile", "exact", "--out"];
    let output = cloister(&[&run[..], &[text(&out)]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(!out.exists());
    String::from_utf8(output.stderr).unwrap()
}

fn plan(dataset: &Path) -> String {
    let request = Request {
        module: example("gi-bleed"),
        dataset: opened(dataset),
        profile: Profile::named("exact").unwrap(),
        params: Vec::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { crate::planned::explained(request, &crate::planned::site(7)).await })
}

#[test]
fn gibleed_gives_the_same_release_in_any_number_of_ranges() {
    let folder = fresh();
    let plain = exact(&example("gi-bleed"), &gibleed(), &[]);
    for ranges in ["1", "2", "5"] {
        let copy = prepare(&gibleed(), &folder.path().join(ranges), ranges);
        assert_eq!(exact(&example("gi-bleed"), &copy, &[]), plain, "{ranges} ranges");
    }
    // A copy can be prepared again.
    let again = prepare(&folder.path().join("5/dataset.toml"), &folder.path().join("again"), "3");
    assert_eq!(exact(&example("gi-bleed"), &again, &[]), plain);
}

#[test]
fn shuffled_persons_give_the_same_release_and_the_same_bytes() {
    let folder = fresh();
    let synthetic = |name: &str, shuffled: bool, persons: u64| {
        let out = folder.path().join(name);
        generate(&Options { persons, seed: 7, shuffled }, &out).unwrap();
        out.join("dataset.toml")
    };
    let shuffled = synthetic("shuffled", true, 50_000);
    let plain = exact(&example("gi-bleed"), &shuffled, &[]);
    for ranges in ["1", "2", "5"] {
        let copy = prepare(&shuffled, &folder.path().join(ranges), ranges);
        assert_eq!(exact(&example("gi-bleed"), &copy, &[]), plain, "{ranges} ranges");
    }
    let file = |out: &str| folder.path().join(out).join("tables/drug_era/00001.parquet");
    prepare(&synthetic("sorted", false, 2_000), &folder.path().join("a"), "3");
    prepare(&synthetic("mixed", true, 2_000), &folder.path().join("b"), "3");
    assert_eq!(fs::read(file("a")).unwrap(), fs::read(file("b")).unwrap());
}

#[test]
fn a_plan_over_ranges_neither_repartitions_nor_sorts() {
    let folder = fresh();
    for ranges in ["1", "2", "5"] {
        let plan = plan(&prepare(&gibleed(), &folder.path().join(ranges), ranges));
        assert!(plan.contains("PerPersonExec"), "{plan}");
        for absent in ["RepartitionExec", "SortExec", "SortPreservingMergeExec"] {
            assert!(!plan.contains(absent), "{ranges} ranges: {plan}");
        }
        let scans = plan.matches("DataSourceExec").count();
        assert_eq!(scans, 4, "the unit keys, person, drug_era and outcome: {plan}");
        let groups = format!("file_groups={{{ranges} group");
        assert_eq!(plan.matches(&groups).count(), scans, "{plan}");
    }
}

#[test]
fn rows_that_belong_to_nobody_are_left_out_and_counted() {
    let folder = fresh();
    let out = folder.path().join("copy");
    let said = succeed(&["dataset", "prepare", text(&gibleed()), "--out", text(&out)]);
    let line = said.lines().find(|line| line.starts_with("observation_period")).unwrap();
    assert!(line.contains("2,694 rows; left out 2,649 of persons not in"), "{said}");
    let person = said.lines().find(|line| line.starts_with("person")).unwrap();
    assert!(person.ends_with("2,694 rows"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_copy_is_its_owners_alone_and_never_overwrites() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = fresh();
    let out = folder.path().join("copy");
    prepare(&gibleed(), &out, "2");
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o700);
    let again = cloister(&["dataset", "prepare", text(&gibleed()), "--out", text(&out)]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is not empty"));
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 1, "nothing else is left");
}

/// GiBleed as nobody has registered it: else it is the registration that notices.
fn unregistered(folder: &tempfile::TempDir) -> PathBuf {
    let plain = folder.path().join("plain");
    fs::create_dir_all(&plain).unwrap();
    gibleed_in(&plain)
}

#[test]
fn swapped_files_are_noticed() {
    let folder = fresh();
    for table in ["person", "drug_era", "condition_occurrence"] {
        let copy = prepare(&unregistered(&folder), &folder.path().join(table), "3");
        let file = |name: &str| folder.path().join(table).join("tables").join(table).join(name);
        fs::rename(file("00000.parquet"), file("kept")).unwrap();
        fs::rename(file("00002.parquet"), file("00000.parquet")).unwrap();
        fs::rename(file("kept"), file("00002.parquet")).unwrap();
        let message = fails(&copy);
        assert!(message.contains("outside the range of keys"), "{table}: {message}");
    }
}

#[test]
fn missing_files_and_changed_cuts_are_noticed() {
    let folder = fresh();
    let copy = prepare(&unregistered(&folder), &folder.path().join("copy"), "3");
    let described = fs::read_to_string(&copy).unwrap();
    let head = described.split("cuts = ").next().unwrap();
    fs::write(&copy, format!("{head}cuts = [10, 20]\n")).unwrap();
    assert!(fails(&copy).contains("outside the range of keys"));
    fs::write(&copy, format!("{head}cuts = [20, 10]\n")).unwrap();
    assert!(fails(&copy).contains("do not ascend"));
    fs::write(&copy, format!("{head}cuts = [10]\n")).unwrap();
    assert!(fails(&copy).contains("prepared in 2 ranges"));
    fs::write(&copy, described).unwrap();
    fs::remove_file(folder.path().join("copy/tables/drug_era/00001.parquet")).unwrap();
    assert!(fails(&copy).contains("prepared in 3 ranges"));
}

#[test]
fn a_false_order_is_noticed() {
    let folder = fresh();
    let shuffled = folder.path().join("shuffled");
    generate(&Options { persons: 2_000, seed: 3, shuffled: true }, &shuffled).unwrap();
    let copy = prepare(&shuffled.join("dataset.toml"), &folder.path().join("copy"), "1");
    let file = folder.path().join("copy/tables/drug_era/00000.parquet");
    fs::copy(shuffled.join("drug_era.parquet"), file).unwrap();
    assert!(fails(&copy).contains("not sorted by the unit key"));
}

#[test]
fn too_little_memory_says_what_to_raise() {
    let folder = fresh();
    let (module, out) = (example("gi-bleed"), folder.path().join("out"));
    let data = folder.path().join("data");
    generate(&Options { persons: 5_000, seed: 3, shuffled: true }, &data).unwrap();
    let data = data.join("dataset.toml");
    let spill = folder.path().join("spill");
    let run = |limit: &str| {
        let run = ["run", text(&module), "--dataset", text(&data), "--profile", "exact"];
        let more = ["--partitions", "2", "--memory-limit", limit, "--spill", text(&spill)];
        cloister(&[&run[..], &more, &["--out", text(&out)]].concat())
    };
    // Less than one input sets aside for its merge, whenever the others sort theirs.
    let output = run("8MiB");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("`--memory-limit` of 8 MiB is too little"), "{message}");
    let enough = message.split("raise it to ").nth(1).unwrap().split(',').next().unwrap();
    let output = run(enough);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let left: Vec<_> = fs::read_dir(&spill).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"], "nothing is left in the spill folder");
    let limited = fs::read(out.join("UNPROTECTED-release.json")).unwrap();
    assert_eq!(limited, exact(&module, &data, &["--partitions", "2"]));
}

#[test]
fn text_keys_are_cut_too() {
    let folder = fresh();
    let keys: Vec<String> = (0..200).rev().map(|person| format!("{person}-é")).collect();
    let years: Vec<_> = (0..200).map(|person| Some(1920 + person % 90)).collect();
    let columns: checked::Columns = vec![
        ("person_id", Arc::new(StringArray::from(keys))),
        ("gender_concept_id", checked::ints(&[Some(8_507); 200])),
        ("year_of_birth", checked::ints(&years)),
    ];
    let plain = checked::dataset(folder.path(), &[("person", columns)]);
    let copy = prepare(&plain, &folder.path().join("copy"), "3");
    assert_eq!(exact(&example("age-sex"), &copy, &[]), exact(&example("age-sex"), &plain, &[]));
    let swap = |from: &str, to: &str| {
        let tables = folder.path().join("copy/tables/person");
        fs::rename(tables.join(from), tables.join(to)).unwrap();
    };
    swap("00000.parquet", "kept");
    swap("00001.parquet", "00000.parquet");
    swap("kept", "00001.parquet");
    let out = folder.path().join("out");
    let module = example("age-sex");
    let run = ["run", text(&module), "--dataset", text(&copy), "--profile", "exact", "--out"];
    let output = cloister(&[&run[..], &[text(&out)]].concat());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("outside the range of keys"), "{message}");
}

#[test]
fn interrupting_leaves_nothing() {
    let folder = fresh();
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    generate(&Options { persons: 20_000, seed: 3, shuffled: true }, &data).unwrap();
    let (dataset, spill) = (data.join("dataset.toml"), folder.path().join("spill"));
    let prepare = ["dataset", "prepare", text(&dataset), "--out", text(&out)];
    let more = ["--memory-limit", "256MiB", "--spill", text(&spill)];
    let mut command = command(&[&prepare[..], &more].concat());
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let partial = || {
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.into_iter().any(|name| name.to_string_lossy().starts_with(".cloister-partial-"))
    };
    while !partial() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was interrupted");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    let sent = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    if !sent.is_ok_and(|status| status.success()) {
        child.kill().unwrap();
        child.wait().unwrap();
        return say_skipped("there is no `kill` to interrupt with");
    }
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
    assert!(!partial() && !out.exists());
    let left: Vec<_> = fs::read_dir(&spill).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"], "nothing is left in the spill folder");
}

#[test]
fn the_description_keeps_what_the_site_wrote() {
    let folder = fresh();
    let copy = prepare(&gibleed(), &folder.path().join("copy"), "2");
    let described = fs::read_to_string(copy).unwrap();
    for kept in ["title = ", "published_persons = 2690", "synthetic = true"] {
        assert!(described.contains(kept), "{described}");
    }
    let vocabulary = "vocabulary/concept_ancestor/concept_ancestor.parquet";
    assert!(described.contains(vocabulary), "{described}");
    let bytes = fs::read(root().join("examples/data/gibleed/concept_ancestor.parquet")).unwrap();
    assert_eq!(fs::read(folder.path().join("copy").join(vocabulary)).unwrap(), bytes);
}
