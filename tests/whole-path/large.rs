//! Inputs as large as they may be, and larger.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cloister_contract::release::ReleaseDocument;

use crate::harness::{exact, fresh, gibleed, persons, root, small_guest, text};

#[test]
fn as_many_prefixes_as_a_list_may_have_filter_as_each_of_them_would() {
    // Every second prefix of four digits below 8,192, in a shuffled order.
    let prefixes: Vec<String> =
        (0..4_096).map(|n| format!("{:04}", n * 1_234 % 4_096 * 2)).collect();
    let listed = prefixes.iter().map(|prefix| format!("\"{prefix}*\"")).collect::<Vec<_>>();
    let study = format!(
        "[study]\nname = \"prefixes\"\nversion = \"1.0.0\"\ntitle = \"t\"\n\
         purpose = \"statistics\"\n[codes]\nlisted = {{ text = [{}] }}\n\
         [tables.visit]\ncolumns = {{ n = \"int\" }}\nwhere = {{ code = [\"listed\"] }}\n\
         rows_max = 9\n[outputs]\nn = {{ kind = \"count\" }}\n[limits]\nmemory_pages = 2\n",
        listed.join(", ")
    );
    let folder = fresh();
    let has_rows = "(if (i32.load (i32.add (local.get $ptr) (i32.const 8)))
        (then (call $contribute (i32.const 0) (i64.const 0) (f64.const 0))))";
    let module = small_guest(folder.path(), &study, has_rows);
    // Codes of three to five digits; nulls, and what is no code, among them.
    let code = |id: u32| match id % 7 {
        0 => String::new(),
        1 => format!("{:03}", id % 1_000),
        2 => format!("{:04}%", id % 10_000),
        3 => "_%".to_owned(),
        _ => format!("{:04}{}", id * 31 % 10_000, id % 10),
    };
    let (mut person, mut visit) = ("id\n".to_owned(), "id,n,code\n".to_owned());
    for id in 0..5_000 {
        person += &format!("{id}\n");
        visit += &format!("{id},1,{}\n", code(id));
    }
    fs::write(folder.path().join("person.csv"), person).unwrap();
    fs::write(folder.path().join("visit.csv"), visit).unwrap();
    let dataset = folder.path().join("dataset.toml");
    let described = "name = \"x\"\nsnapshot_date = \"2020-01-01\"\npublished_persons = 5000\n\
        synthetic = true\nunit = { table = \"person\", key = \"id\", type = \"int\" }\n[tables]\n\
        person = { path = \"person.csv\", format = \"csv\" }\n\
        visit = { path = \"visit.csv\", format = \"csv\" }\n";
    fs::write(&dataset, described).unwrap();
    let release = ReleaseDocument::decode(&exact(&module, &dataset, &[])).unwrap();
    let starts = |code: &String| prefixes.iter().any(|prefix| code.starts_with(prefix));
    let wanted = (0..5_000).map(code).filter(starts).count() as u64;
    assert!((500..4_500).contains(&wanted), "{wanted}");
    assert_eq!(persons(&release, "n", &[]), wanted);
}

#[cfg(unix)]
#[test]
fn an_endless_file_is_refused_soon_and_in_little_memory() {
    let (dataset, out) = (gibleed(), fresh());
    let out = out.path().join("out");
    let run = ["run", "/dev/stdin", "--profile", "exact", "--out", text(&out), "--dataset"];
    let endless = "{ printf '\\0asm\\1\\0\\0\\0'; cat /dev/zero; } |";
    for (input, arguments, says) in [
        ("", vec!["inspect", "/dev/zero"], "is not a WebAssembly module"),
        (endless, vec!["inspect", "/dev/stdin"], "its size in bytes is over 8388608"),
        (endless, [&run[..], &[text(&dataset)]].concat(), "its size in bytes is over 8388608"),
        ("", vec!["dataset", "check", "/dev/zero"], "over 1048576 bytes"),
        ("", [&run[..], &["/dev/zero"]].concat(), "over 1048576 bytes"),
    ] {
        let started = Instant::now();
        // A gigabyte of addresses: what reads on without end would fail otherwise.
        let mut limited = Command::new("sh");
        limited.args(["-c", &format!("ulimit -v 1048576; {input} \"$0\" \"$@\"")]);
        limited.arg(env!("CARGO_BIN_EXE_cloister")).args(&arguments).current_dir(root());
        let output = limited.stdin(Stdio::null()).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
        assert!(message.contains(says), "{arguments:?}: {message}");
        assert!(started.elapsed() < Duration::from_secs(20) && !out.exists());
    }
}
