//! The suite holds itself to its rules: every attack is found, run, and listed in `README.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::compiled;
use crate::header::{Attack, FOLDERS, Stop, Verdict, attacks, folder, parse, root};
use crate::threats::{self, THREATS};

/// The tests of the suite itself.
pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("an_attack_that_is_a_program_is_compiled_in", compiled_in),
        Trial::test("a_file_that_does_not_say_what_it_is_ends_the_tests", headers),
        Trial::test("the_catalogue_is_that_of_the_files", listed),
        Trial::test("every_threat_has_an_attack", covered),
        Trial::test("a_control_is_used", controls),
        Trial::test("nothing_asks_for_faults_but_the_feature_itself", no_faults),
    ]
}

fn compiled_in() -> Result<(), Failed> {
    let programs = attacks().into_iter().filter(|attack| is(&attack.file, "rs"));
    let mut programs: Vec<String> = programs.map(|attack| attack.name + ".rs").collect();
    programs.sort_unstable();
    let mut listed: Vec<&str> = compiled::ATTACKS.iter().map(|(name, _)| *name).collect();
    listed.sort_unstable();
    if programs == listed {
        return Ok(());
    }
    let missing: Vec<_> = programs.iter().filter(|name| !listed.contains(&name.as_str())).collect();
    Err(format!("add to compiled.rs: {missing:?}").into())
}

fn is(file: &Path, ending: &str) -> bool {
    file.extension().is_some_and(|found| found == ending)
}

/// What is wrong with a header is found.
fn headers() -> Result<(), Failed> {
    let good = ";; expect: dropped\n;; catalogue: 33\n;; broken-by: fuel\n;; tries: trap.\n(func)";
    let read = |name: &str, text: &str| parse(name.to_owned(), Path::new("x.wat"), ";;", text);
    read("guests/a-name", good)?;
    let wrong = [
        ("guests/A-name", good.to_owned(), "kebab-case"),
        ("guests/a_name", good.to_owned(), "kebab-case"),
        ("guests/x", String::new(), "first line is not"),
        ("guests/x", good.replace(";; expect: dropped\n", ""), "first line is not"),
        ("guests/x", good.replace("dropped", "fine"), "no verdict `fine`"),
        ("guests/x", good.replace("dropped", "refused"), "no verdict `refused`"),
        ("guests/x", good.replace("dropped", "refused \"\""), "quote the words"),
        ("guests/x", good.replace("fuel", "fuel and luck"), "names one mechanism"),
        ("guests/x", good.replace(";; catalogue: 33\n", ""), "no line `;; catalogue"),
        ("guests/x", good.replace(": 33", ": 3333"), "no threat `3333`"),
        ("guests/x", good.replace("trap.", "trap"), "not a sentence"),
        ("guests/x", good.replace("catalogue", "cat: x\n;; catalogue"), "no field `cat`"),
    ];
    for (name, text, says) in wrong {
        match read(name, &text) {
            Err(message) if message.contains(says) => {}
            other => return Err(format!("{text}\n{other:?}, not `{says}`").into()),
        }
    }
    Ok(())
}

fn covered() -> Result<(), Failed> {
    let tried: BTreeSet<String> = attacks().into_iter().flat_map(|a| a.catalogue).collect();
    let open = THREATS.iter().find(|(number, _)| !tried.contains(&number.to_string()));
    match open {
        None => Ok(()),
        Some((number, name)) => Err(format!("nothing tries {name} ({number})").into()),
    }
}

/// Each control is compared with, and says what it is.
fn controls() -> Result<(), Failed> {
    for entry in fs::read_dir(folder().join("controls"))? {
        let file = entry?.path();
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        let used = Verdict::SameAs(stem.clone());
        if !fs::read_to_string(&file)?.starts_with(";; control: ") {
            return Err(format!("{} does not begin with `;; control: `", file.display()).into());
        }
        if !attacks().iter().any(|attack| attack.verdict == used) {
            return Err(format!("no attack is the same as `{stem}`").into());
        }
    }
    Ok(())
}

/// No manifest switches the feature `faults` on; only the features of that name lead to it.
fn no_faults() -> Result<(), Failed> {
    let listed =
        Command::new("git").args(["ls-files", "*Cargo.toml"]).current_dir(root()).output()?;
    let listed = String::from_utf8(listed.stdout)?;
    let mut known = 0;
    for name in listed.lines() {
        let mut manifest: toml::Table = toml::from_str(&fs::read_to_string(root().join(name))?)?;
        let features = manifest.get_mut("features").and_then(toml::Value::as_table_mut);
        known += usize::from(features.and_then(|features| features.remove("faults")).is_some());
        // What is left is every dependency, every other feature, `default` among them.
        let asks =
            |value: &toml::Value| value.as_str().is_some_and(|text| text.ends_with("faults"));
        if anywhere(&toml::Value::Table(manifest), &asks) {
            return Err(format!("{name} asks for `faults`").into());
        }
    }
    if known >= 2 { Ok(()) } else { Err("no manifest has the feature: nothing was tested".into()) }
}

/// Whether `asks` is true of a value within `value`, tests that want the feature aside.
fn anywhere(value: &toml::Value, asks: &dyn Fn(&toml::Value) -> bool) -> bool {
    match value {
        toml::Value::Table(table) => {
            table.iter().any(|(name, inner)| name != "required-features" && anywhere(inner, asks))
        }
        toml::Value::Array(values) => values.iter().any(|inner| anywhere(inner, asks)),
        other => asks(other),
    }
}

/// The table in `README.md` is what the headers say.
fn listed() -> Result<(), Failed> {
    let file = folder().join("README.md");
    let text = fs::read_to_string(&file)?;
    let (head, _) = text.split_once("## The catalogue").ok_or("README.md has no catalogue")?;
    let right = format!("{head}{}", table(&attacks()));
    if text == right {
        return Ok(());
    }
    let made = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("README.md");
    fs::write(&made, right)?;
    let (made, file) = (made.display(), file.display());
    Err(format!("the catalogue is out of date; cp {made} {file}").into())
}

fn table(attacks: &[Attack]) -> String {
    let mut text = format!("## The catalogue\n\n{} attacks.\n", attacks.len());
    for part in FOLDERS {
        text += &format!("\n### {part}\n\n| attack | threat | tries to | verdict | stopped by |\n");
        text += "|---|---|---|---|---|\n";
        for attack in attacks {
            let Some(name) = attack.name.strip_prefix(&format!("{part}/")) else { continue };
            let stop = match &attack.stop {
                Stop::Mechanism(names) => format!("**{}**", names.replace(',', "**, **")),
                Stop::Several(which) => which.clone(),
                Stop::Absence(what) => format!("absent: {what}"),
            };
            let verdict = match &attack.verdict {
                Verdict::Refused(_) => "refused".to_owned(),
                Verdict::Unseen => "unseen".to_owned(),
                Verdict::Dropped => "dropped".to_owned(),
                Verdict::Bounded => "bounded".to_owned(),
                Verdict::SameAs(control) => format!("as `{control}`"),
                Verdict::Withheld(output) => format!("`{output}` withheld"),
                Verdict::Open(_) => "**open**".to_owned(),
                Verdict::Held => "held".to_owned(),
                Verdict::Noised => "noised".to_owned(),
                Verdict::Own => "own".to_owned(),
                Verdict::Hidden => "hidden".to_owned(),
                Verdict::Blurred(_) => "blurred".to_owned(),
            };
            let tries = attack.tries.trim_end_matches('.');
            let threats = attack.catalogue.iter().filter_map(|word| threats::name(word));
            let threats = threats.collect::<Vec<_>>().join(", ");
            text += &format!("| {name} | {threats} | {tries} | {verdict} | {stop} |\n");
        }
    }
    text
}
