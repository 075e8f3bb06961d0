use super::super::*;
#[test]
fn probe() {
    let p = Policies::open(&[]).unwrap();
    println!("{:?} {}", p.policies(), p.digest());
    let facts = Facts {
        author: None,
        dataset: DatasetFacts {
            name: "d".into(),
            synthetic: false,
            public: false,
            persons: 10,
            snapshot: "2024-12-31".into(),
            sensitive: Default::default(),
        },
        purpose: "education".into(),
        tier: "reviewed".into(),
        profile: "hospital".into(),
        columns: ["person.sex".to_owned()].into(),
        sensitive: Default::default(),
        signatures: SignatureFacts::default(),
        certificates: Default::default(),
        permit: None,
        cells: 3,
        bits: Some(3),
        day: "2026-11-22".into(),
    };
    for a in Action::ALL {
        for l in p.decide(a, &facts).lines() {
            println!("{l}");
        }
    }
    let mut f = facts.clone();
    f.purpose = "advertising".into();
    for l in p.decide(Action::Run, &f).lines() {
        println!("{l}");
    }
    f.purpose = "advertisin".into();
    for l in p.decide(Action::Run, &f).lines() {
        println!("{l}");
    }
    f.purpose = "education".into();
    f.sensitive = ["a.b".to_owned()].into();
    f.signatures.reviewers = 2;
    f.author = Some(KnownPerson { person: "Ada".into(), organisation: "U".into() });
    for l in p.decide(Action::Run, &f).lines() {
        println!("{l}");
    }
    f.sensitive.clear();
    for l in p.decide(Action::Run, &f).lines() {
        println!("{l}");
    }
    f.permit = Some(PermitFacts { number: "7".into(), until: "2020-01-01".into() });
    for l in p.decide(Action::Run, &f).lines() {
        println!("{l}");
    }
    for text in [
        "@id(\"a\")\npermit (principal, action, resource)\nwhen { context.purpos == Purpose::\"education\" };",
        "@id(\"a\")\npermit (principal, action, resource)\nwhen { context.purpose == \"education\" };",
        "@id(\"a\")\npermit (principal, action, resource)\nwhen { context.purpose == Purpose::\"eduction\" };",
        "@id(\"a\")\npermit (principal, action == Action::\"runn\", resource);",
        "@id(\"a\")\npermit (principal, action, resource)\nwhen { context.cells > \"3\" };",
        "@id(\"a\")\npermit (principal, action, resource)\nwhen { context.permit.number == \"3\" };",
        "@id(\"a\")\npermit (principal, action, resource)\nwhen { context.cells > 3 && }",
        "permit (principal, action, resource);",
        "@id(\"a\")\npermit (principal == Persn::\"x\", action, resource);",
        "@id(\"a\")\npermit (principal == Dataset::\"x\", action, resource);",
        "@id(\"a\")\npermit (principal == ?principal, action, resource);",
        "@id(\"a\")\npermit (principal, action, resource) when { context.cells < 0 && context.cells.foo() };",
        "@id(\"a\")\npermit (principal, action, resource) when { false };",
        "@id(\"a\")\npermit (principal, action, resource) when { context.day < datetime(\"2026-13-01\") };",
        "",
    ] {
        let s = Source::of("x", "policies/x.cedar", text);
        println!(
            "== {:?}\n{}",
            text,
            Policies::of(vec![s]).map(|_| ()).map_err(|e| e.to_string()).unwrap_err_or()
        );
    }
    let s = Source::of(
        "x",
        "x.cedar",
        "@id(\"a\")\nforbid (principal in Organisation::\"U\", action == Action::\"run\", resource == Dataset::\"d\")\nwhen { context.cells * 9223372036854775807 > 4 } unless { context has permit && context.permit.number == \"8\" };",
    );
    let e = Policies::of(vec![s]).unwrap();
    for l in e.decide(Action::Run, &f).lines() {
        println!("{l}");
    }
    let s = Source::of(
        "x",
        "x.cedar",
        "@id(\"a\")\npermit (principal in Organisation::\"X\", action == Action::\"run\", resource == Dataset::\"e\")\nwhen { context.cells > 4 && [1,2].contains(context.cells) } unless { context has permit && context.permit.number == \"7\" };",
    );
    let e = Policies::of(vec![s]).unwrap();
    for l in e.decide(Action::Run, &f).lines() {
        println!("{l}");
    }
    let t = std::time::Instant::now();
    for _ in 0..20 {
        let _ = p.decide(Action::Run, &facts);
    }
    println!("{:?}", t.elapsed() / 20);
    let t = std::time::Instant::now();
    for _ in 0..5 {
        let _ = Policies::open(&[]);
    }
    println!("open {:?}", t.elapsed() / 5);
}
trait X {
    fn unwrap_err_or(self) -> String;
}
impl X for Result<(), String> {
    fn unwrap_err_or(self) -> String {
        match self {
            Ok(()) => "VALID".into(),
            Err(e) => e,
        }
    }
}
