//! The same question gives the same bytes, however the machine goes about it.

use std::fs;

use cloister_contract::job::{Job, Params};
use cloister_contract::study::Study;
use cloister_sandbox::{CallLimits, Outcome, Sandbox, check};
use cloister_synth::{Options, generate};

use crate::harness::{exact, example, fresh, gibleed, root, succeed, text};

#[test]
fn one_two_and_eight_partitions_give_the_same_release() {
    for study in ["gi-bleed", "age-sex"] {
        let module = example(study);
        let run = |partitions| exact(&module, &gibleed(), &["--partitions", partitions]);
        let one = run("1");
        assert_eq!(one, run("2"), "{study}");
        assert_eq!(one, run("8"), "{study}");
    }
}

#[test]
fn sorted_and_shuffled_rows_give_the_same_release() {
    let folder = fresh();
    let releases = |shuffled: bool| {
        let out = folder.path().join(if shuffled { "shuffled" } else { "sorted" });
        generate(&Options { persons: 2_000, seed: 5, shuffled }, &out).unwrap();
        ["gi-bleed", "readmission"]
            .map(|study| exact(&example(study), &out.join("dataset.toml"), &["--partitions", "3"]))
    };
    assert_eq!(releases(false), releases(true));
}

#[test]
fn both_standard_libraries_give_the_same_release() {
    let study = root().join("examples/gi-bleed");
    let folder = fresh();
    let mut releases = Vec::new();
    for std in ["toolchain", "debian"] {
        let module = folder.path().join(format!("{std}.wasm"));
        let arguments = ["study", "build", text(&study), "--std", std, "--out", text(&module)];
        let built = crate::harness::cloister(&arguments);
        if !built.status.success() {
            let why = String::from_utf8_lossy(&built.stderr).into_owned();
            crate::harness::say_skipped(&format!("standard library `{std}`: {why}"));
            continue;
        }
        let release = String::from_utf8(exact(&module, &gibleed(), &[])).unwrap();
        // The modules differ, so their digests do, and nothing else.
        let other = |line: &&str| !line.trim_start().starts_with("\"module\"");
        releases.push(release.lines().filter(other).collect::<Vec<_>>().join("\n"));
    }
    assert!(releases.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(!releases.is_empty(), "no standard library for guests: run `cargo xtask setup`");
}

/// The same analysis over the same frames, compiled natively and to WebAssembly.
#[test]
fn native_and_wasm_contribute_the_same() {
    let checked = check(fs::read(example("gi-bleed")).unwrap()).unwrap();
    let study = Study::parse("study.toml", checked.study()).unwrap();
    let native = gi_bleed::Study::test();
    let init = native.init_frame();
    let limits = CallLimits {
        fuel: study.limits.fuel,
        memory_bytes_max: 2 << 20,
        frame_bytes_max: cloister_contract::frame::person_frame_bytes_max(&study),
    };
    let sandbox = Sandbox::new(&checked, init.clone(), limits).unwrap();
    let mut said = 0;
    for seed in 0..500_u64 {
        let frame = native.person_frame(&person(seed));
        let natively = gi_bleed::Study::replay(&init, &frame);
        let mut contributions = Vec::new();
        let outcome = sandbox.guest().call(&frame, &mut contributions).unwrap();
        assert_eq!(outcome, Outcome::Done);
        let wasm: Vec<_> = contributions.iter().map(|c| (c.output, c.cell, c.value)).collect();
        let native: Vec<_> =
            natively.contributions().iter().map(|c| (c.output, c.cell, c.value)).collect();
        assert_eq!(wasm, native, "seed {seed}");
        said += wasm.len();
    }
    assert!(said > 500, "the persons say something: {said}");
    // The frame's init is the host's own.
    let params = Params::bind(&study, &[]).unwrap();
    let job = Job::without_vocabulary(study, params, "2020-01-01".parse().unwrap());
    assert_eq!(cloister_contract::frame::write_init(&job).unwrap(), init);
}

/// A person made from a seed: some exposed to either drug, some bleeding before, on or after.
fn person(seed: u64) -> gi_bleed::PersonBuilder {
    use gi_bleed::{DrugEraRow, OutcomeRow, Person, PersonRow};
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut dice = move |sides: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % sides
    };
    let day = |n: u64| Some(cloister_contract::date::Date::from_days(10_000 + n as i32));
    let mut person = Person::builder().person(PersonRow {
        gender_concept_id: Some(8_507),
        year_of_birth: (dice(10) > 0).then(|| 1_900 + dice(110) as i64),
    });
    for _ in 0..dice(5) {
        person = person.drug_era(DrugEraRow {
            drug_concept_id: [None, Some(1_118_084), Some(1_124_300)][dice(3) as usize],
            drug_era_start_date: if dice(8) == 0 { None } else { day(dice(2_000)) },
        });
    }
    for _ in 0..dice(260) {
        person = person.outcome(OutcomeRow { condition_start_date: day(dice(9_000)) });
    }
    person
}

#[test]
fn parameters_change_the_job_and_say_so() {
    let module = example("gi-bleed");
    let long = exact(&module, &gibleed(), &[]);
    let short = exact(&module, &gibleed(), &["--param", "horizon_days=10"]);
    assert_ne!(long, short);
    let short = String::from_utf8(short).unwrap();
    assert!(short.contains("\"horizon_days\": 10"));
    succeed(&["inspect", text(&module)]);
}
