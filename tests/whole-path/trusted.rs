//! A site's list of whom it trusts, from nothing to its second version: what each step needs.

use std::fs;

use cloister_contract::digest::Digest;

use crate::harness::{cloister, fresh, gibleed, new_key, small_guest, succeed, text};

const STUDY: &str = r#"
[study]
name = "trusted"
version = "1.0.0"
title = "A study to be trusted"
purpose = "scientific-research"
[tables.person]
columns = { year_of_birth = "int" }
[outputs]
persons = { kind = "count" }
[limits]
fuel = 1000
memory_pages = 2
"#;

/// A folder, and commands in which `@name` is a file of it.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn file(&self, name: &str) -> String {
        text(&self.folder.path().join(name)).to_owned()
    }

    fn words(&self, line: &str) -> Vec<String> {
        let word = |word: &str| {
            word.strip_prefix('@').map_or_else(|| word.to_owned(), |name| self.file(name))
        };
        line.split(' ').map(word).collect()
    }

    fn run(&self, line: &str) -> String {
        let words = self.words(line);
        succeed(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The one line with which the command is refused.
    fn refused(&self, line: &str) -> String {
        let words = self.words(line);
        let output = cloister(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        said
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.file(name)).unwrap();
        assert!(text.contains(from), "{from}: {text}");
        fs::write(self.file(name), text.replacen(from, to, 1)).unwrap();
    }

    fn adopt(&self) {
        let fingerprint = self.run("trust show @trust.toml --fingerprint");
        self.run(&format!("trust adopt @trust.toml --expect {}", fingerprint.trim()));
    }
}

/// Signed by its author and two reviewers, of whom the site lists all but the second.
fn site() -> Site {
    let site = Site { folder: fresh() };
    for name in ["root", "author", "one", "two", "site"] {
        new_key(&site.folder.path().join(format!("{name}.key")));
    }
    small_guest(site.folder.path(), STUDY, "");
    site.run("trust new @trust.toml --root @root.pub");
    for (name, role) in [("author", "author"), ("one", "reviewer")] {
        site.run(&format!(
            "trust add @trust.toml --person {name} --organisation of-{name} --role {role} \
             --key @{name}.pub"
        ));
    }
    for (name, role) in [("author", "author"), ("one", "reviewer"), ("two", "reviewer")] {
        site.run(&format!("sign @guest.wasm --key @{name}.key --role {role}"));
    }
    site
}

#[test]
fn a_list_that_is_not_there_is_said_to_be_none() {
    let site = site();
    let said = site.refused("verify @guest.wasm --trust @nowhere.toml");
    assert!(said.contains("there is no trust root") && said.contains("trust new"), "{said}");
    let said = site.refused("verify @guest.wasm --trust @trust.toml");
    assert!(said.contains("is not adopted"), "{said}");
}

#[test]
fn a_run_needs_a_list_that_is_signed_and_adopted() {
    let site = site();
    let dataset = gibleed();
    let run = format!(
        "run @guest.wasm --dataset {} --trust @trust.toml --site-key @site.key --out @release",
        text(&dataset)
    );
    let said = site.refused(&run);
    assert!(said.contains("not adopted") && said.contains("cloister trust adopt"), "{said}");
    let fingerprint = site.run("trust show @trust.toml --fingerprint");
    let adopt = format!("trust adopt @trust.toml --expect {}", fingerprint.trim());
    let said = site.refused(&adopt);
    assert!(said.contains("signed by 0 of the 1") && said.contains("trust sign"), "{said}");
    site.run("trust sign @trust.toml --key @root.key");
    assert!(site.refused("trust sign @trust.toml --key @root.key").contains("already"));
    site.run(&adopt);
    let said = site.refused(&run);
    assert!(said.contains("1 of 2 trusted reviewers'"), "{said}");
    assert!(said.contains("as reviewer nobody else who is listed"), "{said}");
    assert!(!site.folder.path().join("release").exists());
}

#[test]
fn the_next_version_takes_the_root_key_and_the_one_before_never_comes_back() {
    let site = site();
    site.run("trust sign @trust.toml --key @root.key");
    site.adopt();
    let before = site.folder.path().join("before");
    fs::create_dir(&before).unwrap();
    for name in ["trust.toml", "trust.toml.intoto.jsonl"] {
        fs::copy(site.file(name), before.join(name)).unwrap();
    }
    // One more reviewer, by hand in the next version of the same file.
    site.run(
        "trust add @trust.toml --person two --organisation of-two --role reviewer --key @two.pub",
    );
    let verify = "verify @guest.wasm --trust @trust.toml";
    assert!(site.refused(verify).contains("not the trust root that was adopted"));
    site.run("trust sign @trust.toml --key @root.key");
    let update = "trust update @trust.toml --trust @trust.toml";
    assert!(site.refused(update).contains("version 1 does not follow the adopted version 1"));
    site.edit("trust.toml", "version = 1", "version = 2");
    assert!(site.refused(update).contains("signed by 0 of the 1"));
    site.run("trust sign @trust.toml --key @root.key");
    site.run(update);
    assert!(site.run(verify).contains("an author and 2 reviewers stand behind this module"));
    assert!(site.run("trust show @trust.toml").contains("version 2, "));
    let back = "trust update @before/trust.toml --trust @trust.toml";
    assert!(site.refused(back).contains("version 1 does not follow the adopted version 2"));
    for name in ["trust.toml", "trust.toml.intoto.jsonl"] {
        fs::copy(before.join(name), site.file(name)).unwrap();
    }
    assert!(site.refused(verify).contains("not the trust root that was adopted"));
}

#[test]
fn a_review_that_contradicts_itself_is_not_signed() {
    let site = site();
    let sign = "sign @guest.wasm --key @two.key --role reviewer --answers @review.toml";
    for (answers, says) in [
        ("[[answer]]\nitem = \"no-such\"\nanswer = \"yes\"\n", "the checklist has no item"),
        ("[[answer]]\nitem = \"pairs\"\nanswer = \"no\"\n", "or sign with --reject"),
        ("[[answer]]\nitem = \"rebuilt\"\nanswer = \"yes\"\n", "no rebuild is quoted"),
        ("valid_until = \"2020-01-01\"\n", "is over; name a day to come"),
        ("[[answer]]\nitem = \"pairs\"\nanswer = \"maybe\"\n", "unknown variant `maybe`"),
        ("rebuilt = \"module sha256:00\"\n", "is not the line of `cloister study rebuild`"),
        ("valid_until = \"soon\"\n", "is no day"),
        ("verdict = \"approve\"\nadmin = true\n", "unknown field `admin`"),
    ] {
        fs::write(site.file("review.toml"), answers).unwrap();
        let words = site.words(sign);
        let output = cloister(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && said.contains(says), "{answers}: {said}");
    }
    // A rejection needs no note, and keeps the module from running.
    fs::write(site.file("review.toml"), "[[answer]]\nitem = \"pairs\"\nanswer = \"no\"\n").unwrap();
    site.run(&format!("{sign} --reject"));
    site.run(
        "trust add @trust.toml --person two --organisation of-two --role reviewer --key @two.pub",
    );
    site.run("trust sign @trust.toml --key @root.key");
    site.adopt();
    let said = site.refused("verify @guest.wasm --trust @trust.toml");
    assert!(said.contains("two (of-two) rejects this module"), "{said}");
    let page = site.run("inspect @guest.wasm --trust @trust.toml");
    assert!(page.contains("two (reviewer, rejects it)"), "{page}");
}

#[test]
fn what_a_reviewer_says_is_not_signed_as_an_author() {
    let site = site();
    let envelope = site.folder.path().join("guest.wasm.intoto.jsonl");
    let before = fs::read(&envelope).unwrap();
    fs::write(site.file("review.toml"), "verdict = \"reject\"\n").unwrap();
    for review in [
        "--reject",
        "--answers @review.toml",
        "--organisation of-author",
        "--valid-until 2999-12-31",
        "--rebuild @nowhere",
    ] {
        let said =
            site.refused(&format!("sign @guest.wasm --key @author.key --role author {review}"));
        assert!(said.contains("nothing was signed"), "{review}: {said}");
        assert_eq!(fs::read(&envelope).unwrap(), before, "{review}");
    }
}

#[test]
fn what_holds_a_list_up_later_is_said_early() {
    let site = site();
    let again = "trust add @trust.toml --person ONE --organisation of-one --role reviewer \
                 --key @two.pub";
    let said = site.refused(again);
    assert!(said.contains("one is listed already") && said.contains("[[person.key]]"), "{said}");
    let day = jiff::Zoned::now().checked_add(jiff::Span::new().days(9)).unwrap().date();
    let text = fs::read_to_string(site.file("trust.toml")).unwrap();
    let expires = text.lines().find(|line| line.starts_with("expires")).unwrap();
    site.edit("trust.toml", expires, &format!("expires = \"{day}\""));
    let warned = |line: &str| {
        let words = site.words(line);
        let output = cloister(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(output.status.success(), "{line}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(warned("trust sign @trust.toml --key @two.key").contains("none of its root keys"));
    assert_eq!(warned("trust sign @trust.toml --key @root.key"), "");
    site.adopt();
    let said = warned("inspect @guest.wasm --trust @trust.toml");
    assert!(said.contains(&format!("expires on {day}")), "{said}");
}

#[test]
fn the_questions_of_a_review_are_written_for_its_reviewer() {
    let site = site();
    let inspect = "inspect @guest.wasm --answers @review.toml";
    site.run(inspect);
    let module = Digest::of(&fs::read(site.file("guest.wasm")).unwrap());
    let mut sign =
        site.words("sign @guest.wasm --key @site.key --role reviewer --answers @review.toml");
    sign.extend(["--rebuilt".to_owned(), format!("rebuilt: module sha256:{module}")]);
    let sign: Vec<_> = sign.iter().map(String::as_str).collect();
    let said = String::from_utf8(cloister(&sign).stderr).unwrap();
    assert!(said.contains("of its questions are open"), "{said}");
    let answered = fs::read_to_string(site.file("review.toml")).unwrap();
    let answered = answered.replace("answer = \"\"", "answer = \"yes\"");
    fs::write(site.file("review.toml"), &answered).unwrap();
    let all = answered.matches("[[answer]]").count();
    let said = succeed(&sign);
    assert!(all > 5 && said.contains(&format!("{all} of the checklist's {all} items")), "{said}");
    // Answers that were given stay.
    assert!(site.refused(inspect).contains("name another file"));
    assert_eq!(fs::read_to_string(site.file("review.toml")).unwrap(), answered);
}
