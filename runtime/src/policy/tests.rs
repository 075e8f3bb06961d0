//! Policies held to their decision cases, to the mistakes that a site can make, and to what their
//! digest is of.

pub(super) mod cases;
mod mistakes;

use std::collections::BTreeSet;

use super::*;

/// Ada Ay's study as `national-default` wants it.
fn reviewed() -> Facts {
    cases::like("reviewed")
}

#[test]
fn the_names_that_the_contract_and_the_profiles_have_are_those_of_the_schema() {
    let policies = Policies::open(&[]).unwrap();
    let known = |facts: &Facts| policies.decide(Action::Run, facts).not_evaluated.is_empty();
    for purpose in cloister_contract::study::PURPOSES {
        assert!(known(&Facts { purpose: (*purpose).to_owned(), ..reviewed() }), "{purpose}");
    }
    for profile in ["hospital", "cms", "strict", "public", "exact"] {
        let named = crate::protect::Profile::named(profile).unwrap();
        let (profile, tier) = (named.name().to_owned(), named.tier().name().to_owned());
        assert!(known(&Facts { profile: profile.clone(), tier, ..reviewed() }), "{profile}");
    }
}

#[test]
fn the_prohibited_uses_are_in_force_whatever_is_chosen() {
    let own = tempfile::tempdir().unwrap();
    let file = own.path().join("ours.cedar");
    std::fs::write(&file, "@id(\"all\") permit (principal, action, resource);").unwrap();
    for named in [vec![], vec!["code-of-conduct".to_owned()], vec![file.display().to_string()]] {
        let policies = Policies::open(&named).unwrap();
        assert_eq!(policies.names()[0], "prohibited-uses", "{named:?}");
        let facts = Facts { purpose: "advertising".to_owned(), ..reviewed() };
        let decision = policies.decide(Action::Run, &facts);
        assert!(!decision.allowed, "{named:?}");
        assert_eq!(decision.forbidden_by[0].policy, "prohibited-uses/advertising");
    }
}

#[test]
fn a_folder_beside_the_dataset_takes_the_place_of_the_default() {
    let site = tempfile::tempdir().unwrap();
    let dataset = site.path().join("dataset.toml");
    let names = |named: &[String]| {
        let policies = Policies::of_dataset(&dataset, named);
        policies.map(|policies| policies.names().join(",")).map_err(|error| error.to_string())
    };
    assert_eq!(names(&[]).unwrap(), "prohibited-uses,national-default");
    let folder = site.path().join("policies");
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(names(&[]).unwrap(), "prohibited-uses,national-default", "it is empty");
    for (file, id) in [("b.cedar", "one"), ("a.cedar", "one"), ("notes.txt", "none")] {
        let text = format!("@id(\"{id}\") permit (principal, action, resource);");
        std::fs::write(folder.join(file), text).unwrap();
    }
    assert_eq!(names(&[]).unwrap(), "prohibited-uses,a,b");
    assert_eq!(names(&["code-of-conduct".to_owned()]).unwrap(), "prohibited-uses,code-of-conduct");
    std::fs::remove_file(folder.join("b.cedar")).unwrap();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/national-default.cedar");
    std::fs::copy(shipped, folder.join("national-default.cedar")).unwrap();
    assert_eq!(names(&[]).unwrap(), "prohibited-uses,a,national-default", "a copy is the same");
    std::fs::write(folder.join("a.cedar"), "permit").unwrap();
    assert!(names(&[]).unwrap_err().contains("a.cedar:1: "));
}

#[test]
fn the_digest_is_of_names_and_texts() {
    let of = |name: &str, text: &str| {
        let source = Source::of(name, "file.cedar", text);
        Policies::of(vec![source]).unwrap().digest()
    };
    let text = "@id(\"a\") permit (principal, action, resource);";
    let digests = [of("a", text), of("b", text), of("a", &format!("{text}\n"))];
    assert_eq!(BTreeSet::from(digests).len(), 3);
    assert_eq!(of("a", text), digests[0]);
}

#[test]
fn a_decision_is_plain_data_that_reads_back() {
    let policies = Policies::open(&[]).unwrap();
    let denied = Facts { author: None, ..reviewed() };
    for facts in [reviewed(), denied] {
        let decision = policies.decide(Action::Release, &facts);
        let text = serde_json::to_string(&decision).unwrap();
        assert_eq!(serde_json::from_str::<Decision>(&text).unwrap(), decision);
        assert_eq!(decision.policies, policies.digest());
    }
}
