//! What a run may give for each type of parameter, and what each of them becomes.

use cloister_contract::job::{ParamValue, Params};
use cloister_contract::study::Study;

/// The parameters of `every-param-type` with these given besides the one that has no default.
fn bind(given: &[(&str, &str)]) -> Result<Params, String> {
    let mut given: Vec<_> =
        given.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
    if given.iter().all(|(name, _)| name != "must_days") {
        given.push(("must_days".into(), "-1".into()));
    }
    let study = super::accepted::study("every-param-type");
    Params::bind(&study, &given).map_err(|error| error.to_string())
}

fn check_good(name: &str, text: &str, expected: &ParamValue) {
    let study = super::accepted::study("every-param-type");
    let params = bind(&[(name, text)]).unwrap();
    assert_eq!(&params.values()[study.param(name).unwrap()], expected, "{name} = {text:?}");
}

fn check_bad(name: &str, text: &str, right: &str) {
    let expected = format!("parameter `{name}`: the value does not fit; {right}");
    assert_eq!(bind(&[(name, text)]), Err(expected), "{name} = {text:?}");
}

#[test]
fn defaults_are_those_of_the_file() {
    let params = bind(&[]).unwrap();
    let date = "2020-02-29".parse().unwrap();
    let expected = [
        ParamValue::Int(365),
        ParamValue::Float(0.5),
        ParamValue::Bool(true),
        ParamValue::Date(date),
        ParamValue::Label(1),
        ParamValue::Floats(vec![]),
        ParamValue::Edges(vec![0.0, 40.5, 80.0]),
        ParamValue::Concepts(vec![1_124_300, 1_118_084]),
        ParamValue::Int(-1),
    ];
    assert_eq!(params.values(), expected);
}

#[test]
fn values_that_fit() {
    for (text, value) in [("1", 1), ("3650", 3_650), ("+7", 7), ("007", 7)] {
        check_good("horizon_days", text, &ParamValue::Int(value));
    }
    for (text, value) in [("-1", -1.0), ("25", 25.0), ("2.5e0", 2.5), (".5", 0.5)] {
        check_good("dose", text, &ParamValue::Float(value));
    }
    check_good("strict", "false", &ParamValue::Bool(false));
    let date = "2100-12-31".parse().unwrap();
    check_good("since", "2100-12-31", &ParamValue::Date(date));
    check_good("arm", "new users", &ParamValue::Label(0));
    for (text, list) in [("", &[][..]), ("1", &[1.0]), (" 0.5 , 0 ,1", &[0.5, 0.0, 1.0])] {
        check_good("weights", text, &ParamValue::Floats(list.to_vec()));
    }
    check_good("cuts", "0,120", &ParamValue::Edges(vec![0.0, 120.0]));
    check_good("drugs", "", &ParamValue::Concepts(vec![]));
    check_good("drugs", "0, 2147483647", &ParamValue::Concepts(vec![0, 2_147_483_647]));
}

#[test]
fn values_that_do_not_fit() {
    for text in ["0", "3651", "1.5", "", " 7", "0x10", "9223372036854775808", "7 days"] {
        check_bad("horizon_days", text, "write a whole number in 1 to 3650");
    }
    for text in ["-1.5", "25.000001", "nan", "inf", "-inf", "", "1,5", "0x1"] {
        check_bad("dose", text, "write a number in -1 to 25");
    }
    for text in ["yes", "TRUE", "1", ""] {
        check_bad("strict", text, "write `true` or `false`");
    }
    for text in ["1899-12-31", "2101-01-01", "2023-02-29", "31.12.2024", "2024-1-1", ""] {
        check_bad("since", text, "write a date `2024-12-31` in 1900-01-01 to 2100-12-31");
    }
    for text in ["New users", "other", "", "0"] {
        check_bad("arm", text, "write one of `new users`, `all users`");
    }
    for text in ["2", "0,nan", "0,0,0,0", "a", "0;1", "1,,0", "1,", ","] {
        check_bad("weights", text, "write at most 3 numbers, `1,2.5`, in 0 to 1");
    }
    for text in ["", "0", "0,0", "-0,0", "40,20", "0,121", "0,1,2,3,4", "0,inf", "0,,9"] {
        check_bad("cuts", text, "write 2 to 4 increasing numbers, `0,30,90`, in 0 to 120");
    }
    for text in ["-1", "2147483648", "1,2,3", "K92.2", "1.0", "1,,2", "1,", "1 2"] {
        check_bad("drugs", text, "write at most 2 concept ids, `192671,1`");
    }
}

#[test]
fn unknown_repeated_and_missing_parameters() {
    let names = "`horizon_days`, `dose`, `strict`, `since`, `arm`, `weights`, `cuts`, `drugs`, \
                 `must_days`";
    let unknown = |name| {
        let what = "the study has no such parameter";
        Err(format!("parameter `{name}`: {what}; the study takes {names}"))
    };
    assert_eq!(bind(&[("horizon", "7")]), unknown("horizon"));
    assert_eq!(bind(&[("snapshot_date", "2024-01-01")]), unknown("snapshot_date"));
    assert_eq!(bind(&[("\u{1b}[2J", "7")]), unknown("\u{fffd}[2J"));
    let twice = Err("parameter `dose`: it is given twice; give it once".to_owned());
    assert_eq!(bind(&[("dose", "1"), ("strict", "true"), ("dose", "1")]), twice);

    let study = super::accepted::study("every-param-type");
    let missing = Params::bind(&study, &[]).unwrap_err();
    assert_eq!(missing.to_string(), "parameter `must_days`: it has no default; set it");

    let none: Study = super::accepted::study("smallest");
    let error = Params::bind(&none, &[("x".into(), "1".into())]).unwrap_err().to_string();
    let what = "the study has no such parameter; the study takes no parameters";
    assert_eq!(error, format!("parameter `x`: {what}"));
}

#[test]
fn a_release_prints_them_by_name() {
    let study = super::accepted::study("every-param-type");
    let json = serde_json::json!(bind(&[("weights", "0.1,1")]).unwrap().to_json(&study));
    let expected = serde_json::json!({
        "arm": "all users", "cuts": [0.0, 40.5, 80.0], "dose": 0.5,
        "drugs": [1_124_300, 1_118_084], "horizon_days": 365, "must_days": -1,
        "since": "2020-02-29", "strict": true, "weights": [0.1, 1.0],
    });
    assert_eq!(json, expected);
}
