//! Walks `tests/datasets/broken`: each file there is a broken dataset, and says what is said of it.

mod unpack;

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{People, command, fresh, root, small_guest, text};
use unpack::unpack;

/// The commands that look at a dataset. Each is tried over each file: none may panic.
const COMMANDS: [&str; 4] = ["check", "register", "prepare", "run"];

/// What a command is expected to do: the first lines of a file.
struct Verdict<'f> {
    command: &'f str,
    does: &'f str,
    says: &'f str,
}

/// `# run refuses: line 3: column …`, `# all refuse: …`, `# check warns: …`, `# run accepts`.
fn verdicts(file: &str) -> Vec<Verdict<'_>> {
    let comments = file.lines().map_while(|line| line.strip_prefix("# "));
    let lines = comments.filter_map(|line| {
        let (head, says) = line.split_once(": ").unwrap_or((line, ""));
        let (command, does) = head.split_once(' ')?;
        let known = COMMANDS.contains(&command) || command == "all";
        known.then_some(Verdict { command, does, says })
    });
    lines.collect()
}

/// What no command may say: `# never: 19x0`.
fn secrets(file: &str) -> impl Iterator<Item = &str> {
    file.lines().filter_map(|line| line.strip_prefix("# never: "))
}

/// What a command said and did.
struct Said {
    code: Option<i32>,
    stdout: String,
    stderr: String,
    wrote: bool,
}

/// A study that reads what `tables` declares, and counts everybody.
fn study(folder: &Path, tables: &str) -> PathBuf {
    let study = format!(
        "[study]\nname = \"broken\"\nversion = \"1.0.0\"\ntitle = \"t\"\npurpose = \"statistics\"\n\
         {tables}\n[outputs]\nn = {{ kind = \"count\" }}\n[limits]\nmemory_pages = 2\n"
    );
    let one = "(call $contribute (i32.const 0) (i64.const 0) (f64.const 0))";
    small_guest(folder, &study, one)
}

fn ask(people: &People, folder: &Path, asked: &str) -> Said {
    let (dataset, out) = (folder.join("dataset.toml"), fresh());
    let out = out.path().join("out");
    let declared = fs::read_to_string(folder.join("study.toml")).ok();
    let module = |tables: &str| study(folder, tables);
    let born = "[tables.person]\ncolumns = { year_of_birth = \"int\" }";
    let arguments: Vec<String> = match asked {
        "run" => {
            let module = module(declared.as_deref().unwrap_or(born));
            let synthetic = fs::read(&dataset).unwrap().windows(9).any(|at| at == b"synthetic");
            if synthetic {
                let arguments = ["run", text(&module), "--profile", "exact", "--dataset"];
                let more = [text(&dataset), "--out", text(&out)];
                [&arguments[..], &more].concat().into_iter().map(str::to_owned).collect()
            } else {
                let run = people.run(&people.signed(&module), &dataset, &out);
                run.into_iter().chain(["--at-once".to_owned()]).collect()
            }
        }
        "check" => {
            let study = declared.map(|tables| text(&module(&tables)).to_owned());
            let study = study.into_iter().flat_map(|study| ["--study".to_owned(), study]);
            let check = ["dataset", "check", text(&dataset)].map(str::to_owned);
            check.into_iter().chain(study).collect()
        }
        _ => {
            let mut arguments = vec!["dataset", asked, text(&dataset)];
            arguments.extend(if asked == "prepare" { vec!["--out", text(&out)] } else { vec![] });
            arguments.into_iter().map(str::to_owned).collect()
        }
    };
    let output = command(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).output();
    let output = output.unwrap();
    let noted = asked == "register" && folder.join("dataset.snapshot.json").exists();
    let wrote = out.exists() || noted;
    Said {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        wrote,
    }
}

/// Whether `said` is what `verdict` wants; else why not.
fn judge(verdict: &Verdict<'_>, said: &Said) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("{why}: {}{}", said.stdout, said.stderr));
    let finding = |severity: &str| {
        let mut lines = said.stdout.lines();
        lines.any(|line| line.starts_with(severity) && line.contains(verdict.says))
    };
    let told = said.stderr.lines().find(|line| !line.starts_with("warning: "));
    let in_words = told.is_some_and(|line| line.starts_with("error: "));
    let refused = said.code == Some(1) && !said.wrote && in_words;
    match (verdict.command, verdict.does) {
        (_, "refuses" | "refuse") if said.stderr.is_empty() => {
            let told = said.code == Some(1) && finding("error ");
            if told { Ok(()) } else { wrong("it is no error") }
        }
        ("check", "warns" | "notes") => {
            let severity = if verdict.does == "warns" { "warning " } else { "note " };
            let told = said.code == Some(0) && finding(severity);
            if told { Ok(()) } else { wrong("it is not found, or refused") }
        }
        (_, "refuses" | "refuse") if refused && said.stderr.contains(verdict.says) => Ok(()),
        (_, "refuses" | "refuse") => wrong("it is not refused so"),
        (_, "accepts") if said.code == Some(0) && verdict.says.is_empty() => Ok(()),
        (_, "accepts") => wrong("it is refused"),
        (_, other) => Err(format!("`{other}` is no verdict")),
    }
}

/// Everything that is not as `file` says.
fn differences(people: &People, file: &Path) -> Vec<String> {
    let broken = fs::read_to_string(file).unwrap();
    let verdicts = verdicts(&broken);
    if verdicts.is_empty() {
        return vec!["it has no verdict".to_owned()];
    }
    let mut wrong = Vec::new();
    for asked in COMMANDS {
        let folder = fresh();
        unpack(folder.path(), &broken);
        let said = ask(people, folder.path(), asked);
        let printed = format!("{}{}", said.stdout, said.stderr);
        if !matches!(said.code, Some(0 | 1)) || printed.contains("panicked") {
            wrong.push(format!("{asked} did not end well: {:?} {printed}", said.code));
        }
        if secrets(&broken).any(|secret| printed.contains(secret)) {
            wrong.push(format!("{asked} quotes a value: {printed}"));
        }
        let own = verdicts.iter().filter(|verdict| [asked, "all"].contains(&verdict.command));
        let judged = own.filter_map(|verdict| judge(verdict, &said).err());
        wrong.extend(judged.map(|why| format!("{asked}: {why}")));
    }
    wrong
}

#[test]
fn every_broken_dataset_is_refused_or_found_as_its_file_says() {
    let folder = root().join("tests/datasets/broken");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 40, "{} files", files.len());
    let people = &People::new();
    // Most of the time goes into starting processes: as many at once as there are cores.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let each = |files: &[PathBuf]| -> String {
        let of = |file: &PathBuf| {
            let name = file.file_name().unwrap().display().to_string();
            let wrong = differences(people, file).into_iter();
            wrong.map(|why| format!("{name}: {why}\n")).collect::<String>()
        };
        files.iter().map(of).collect()
    };
    let wrong: String = std::thread::scope(|scope| {
        let threads = files.chunks(files.len().div_ceil(cores));
        let threads: Vec<_> = threads.map(|files| scope.spawn(move || each(files))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "\n{wrong}");
}
