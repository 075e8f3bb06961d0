//! Whatever a site can get wrong stops it at its start, with file, line and a hint.

use super::super::source::Source;
use super::super::*;

/// What a file with `policy` is told: its scope is line 2, and its clauses begin in line 3.
fn told(policy: &str) -> String {
    let source = Source::of("ours", "policies/ours.cedar", policy);
    Policies::of(vec![source]).map(drop).unwrap_err().to_string()
}

/// What a permit with this `when` clause is told.
fn when(clause: &str) -> String {
    told(&format!("@id(\"a\")\npermit (principal, action, resource)\nwhen {{ {clause} }};"))
}

#[track_caller]
fn check(told: &str, line: &str, says: &[&str]) {
    assert!(told.starts_with(&format!("policies/ours.cedar{line}: ")), "{told}");
    for says in says {
        assert!(told.contains(says), "`{says}` is not in: {told}");
    }
    assert!(!told.contains('\n'), "more than one line: {told}");
}

#[test]
fn an_attribute_that_is_not_there_is_told_with_the_nearest() {
    let says = ["`ours/a`", "attribute `purpos`", "did you mean `purpose`?"];
    check(&when("context.purpos == Purpose::\"education\""), ":3", &says);
    let says = ["attribute `sythetic`", "did you mean `synthetic`?"];
    check(&when("resource.sythetic"), ":3", &says);
    check(&when("principal.knwon"), ":3", &["did you mean `known`?"]);
    check(&when("context.signatures.reviewer > 1"), ":3", &["did you mean `reviewers`?"]);
}

#[test]
fn a_name_that_the_schema_does_not_have_is_told_with_those_that_it_has() {
    let says = ["`Purpose::\"eduction\"`", "\"education\""];
    check(&when("context.purpose == Purpose::\"eduction\""), ":3", &says);
    let action = "@id(\"a\")\npermit (principal, action == Action::\"runn\", resource);";
    let told = told(action);
    assert!(told.contains("ours.cedar:2: ") && told.contains("mean `Action::\"run\"`?"), "{told}");
    let entity = self::told("@id(\"a\")\npermit (principal == Persn::\"x\", action, resource);");
    assert!(entity.contains("did you mean `Person`?"), "{entity}");
    let swapped = self::told("@id(\"a\")\npermit (principal == Dataset::\"x\", action, resource);");
    assert!(swapped.contains("applicable action"), "{swapped}");
}

#[test]
fn a_wrong_type_is_told() {
    check(&when("context.purpose == \"education\""), ":3", &["String and Purpose"]);
    check(&when("context.cells > \"3\""), ":3", &["expected Long but saw String"]);
    check(&when("context.day < \"2027-01-01\""), ":3", &["saw String"]);
    check(&when("context.day < datetime(\"2026-13-01\")"), ":3", &["YYYY-MM-DD"]);
}

#[test]
fn what_may_be_absent_is_asked_for_first() {
    check(&when("context.permit.number == \"7\""), ":3", &["`context has permit && ..`"]);
    check(&when("context.bits < 7"), ":3", &["context has bits"]);
}

#[test]
fn what_can_never_hold_is_no_policy() {
    check(&when("false"), ":1", &["impossible"]);
    check(&when("context.cells > 1 && context.tier == Tier::\"ope\u{301}n\""), ":3", &["Tier"]);
}

#[test]
fn what_does_not_parse_is_told_by_line() {
    let told = when("context.cells >");
    assert!(told.starts_with("policies/ours.cedar:3: unexpected token"), "{told}");
    let told = self::told("@id(\"a\")\npermit (principal, action)\nwhen { true };");
    assert!(told.contains("ours.cedar:2: "), "{told}");
}

#[test]
fn each_policy_has_a_name_of_its_own() {
    check(&told("permit (principal, action, resource);"), "", &["@id"]);
    check(&told("@id(\" \")\npermit (principal, action, resource);"), "", &["@id"]);
    let twice = "@id(\"a\") permit (principal, action, resource);\n".repeat(2);
    check(&told(&twice), "", &["two policies have the name `ours/a`"]);
    check(&told(""), "", &["it has no policy"]);
    check(&told("@id(\"a\") permit (principal == ?principal, action, resource);"), "", &["slots"]);
}

#[test]
fn a_name_or_a_file_that_is_not_there_is_told() {
    let told = |named: &str| Policies::open(&[named.to_owned()]).map(drop).unwrap_err().to_string();
    assert!(told("national-defautl").contains("did you mean `national-default`?"));
    assert!(told("none-at-all").contains("use `national-default` or `code-of-conduct`"));
    assert!(told("no-such-folder/ours.cedar").contains("`no-such-folder/ours.cedar` cannot be"));
    let folder = tempfile::tempdir().unwrap();
    let text = "@id(\"a\") permit (principal, action, resource);";
    for (name, says) in [
        ("national-default.cedar", "has the name of a shipped policy and says something else"),
        ("prohibited-uses.cedar", "has the name of a shipped policy and says something else"),
        ("b\u{202e}.cedar", "plain letters"),
    ] {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let told = told(file.to_str().unwrap());
        assert!(told.contains(says), "{told}");
    }
    let twice: Vec<_> = ["one", "two"]
        .iter()
        .map(|inner| {
            let folder = folder.path().join(inner);
            std::fs::create_dir(&folder).unwrap();
            let file = folder.join("same.cedar");
            std::fs::write(&file, format!("{text}// {inner}")).unwrap();
            file.display().to_string()
        })
        .collect();
    let told = Policies::open(&twice).map(drop).unwrap_err().to_string();
    assert_eq!(told, "two policies are called `same`; rename one");
}
