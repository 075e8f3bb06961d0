//! What every test needs: the binary, built studies, keys, datasets, and a word when one is absent.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, OnceLock};

use cloister::{NewPerson, Role};
use cloister_contract::public_key::PublicKey;
use cloister_contract::release::{CellDocument, ReleaseDocument};
use tempfile::TempDir;

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The shared data beside the repository, if it is there.
pub(crate) fn shared() -> Option<PathBuf> {
    Some(root().parent()?.join("shared/data")).filter(|path| path.is_dir())
}

/// Says on standard error what was not tested, and why.
pub(crate) fn say_skipped(why: &str) {
    // Straight to standard error: the test harness would keep what a passing test prints.
    let _ = writeln!(std::io::stderr(), "NOT TESTED: {why}");
}

/// Runs the binary.
pub(crate) fn cloister(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// The binary with `arguments`, ready to run from the repository's root. Data that a test has
/// written and calls synthetic are registered first, if they changed.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let value = |name: &str| arguments.iter().skip_while(|word| **word != name).nth(1);
    if let Some(dataset) = value("--dataset").filter(|_| arguments.first() == Some(&"run")) {
        let beside = Path::new(dataset).with_file_name("site.key");
        let beside = if beside.exists() { beside } else { site_key() };
        register(Path::new(dataset), &value("--site-key").map_or(beside, PathBuf::from));
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloister"));
    if let ["dataset", "register" | "prepare", dataset, ..] = arguments
        && value("--site-key").is_none()
        && !Path::new(dataset).with_file_name("site.key").exists()
    {
        command.args(&arguments[..2]).args(["--site-key", text(&site_key())]);
        command.args(&arguments[2..])
    } else {
        command.args(arguments)
    };
    command.current_dir(root()).env_remove("CLOISTER_LOG");
    command.env_remove("CLOISTER_PASSPHRASE_FILE").env_remove("SSH_AUTH_SOCK");
    command
}

/// Runs the binary and expects it to succeed; gives what it printed.
pub(crate) fn succeed(arguments: &[&str]) -> String {
    let output = cloister(arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cloister {}: {stderr}", arguments.join(" "));
    String::from_utf8(output.stdout).unwrap()
}

/// The module of the study in `dir`, built once.
pub(crate) fn guest(dir: &Path) -> PathBuf {
    static BUILT: Mutex<Option<HashMap<PathBuf, Arc<OnceLock<PathBuf>>>>> = Mutex::new(None);
    let cell = {
        let mut built = BUILT.lock().unwrap();
        built.get_or_insert_default().entry(dir.to_owned()).or_default().clone()
    };
    cell.get_or_init(|| {
        // Named after the study's folder, so that a later run writes over it.
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = text(dir).chars().map(plain).collect();
        let module = scratch().join(format!("guest{name}")).join("study.wasm");
        fs::create_dir_all(module.parent().unwrap()).unwrap();
        succeed(&["study", "build", text(dir), "--out", text(&module)]);
        module
    })
    .clone()
}

/// The module of the example `name`.
pub(crate) fn example(name: &str) -> PathBuf {
    guest(&root().join("examples").join(name))
}

/// A small guest as WebAssembly text: it carries `study`, and its `cloister_v1_person` is `person`,
/// with the frame at `$ptr` and two locals, `$secret` and `$i`, to use.
pub(crate) fn small_guest(folder: &Path, study: &str, person: &str) -> PathBuf {
    let study = study.replace('"', "\\\"").replace('\n', "\\n");
    let module = format!(
        r#"(module
        (import "cloister" "contribute" (func $contribute (param i32 i64 f64)))
        (memory (export "memory") 2)
        (global $seen (mut i64) (i64.const 0))
        (func (export "cloister_v1_arena") (param i32) (result i32) i32.const 1024)
        (func (export "cloister_v1_init") (param i32 i32))
        (func $person (export "cloister_v1_person") (param $ptr i32) (param i32)
            (local $secret i64) (local $i i32) {person})
        (@custom "cloister.study" "{study}"))"#
    );
    let file = folder.join("guest.wasm");
    fs::write(&file, wat::parse_str(module).unwrap()).unwrap();
    file
}

/// For a small guest whose study reads one integer column: `$secret` is the first row's, if any.
pub(crate) const FIRST_VALUE: &str = "
    ;; The only column's record lies at byte 16; its values' offset 4 bytes on.
    (if (i32.load (i32.add (local.get $ptr) (i32.const 8)))
        (then (local.set $secret (i64.load (i32.add (local.get $ptr)
            (i32.load (i32.add (local.get $ptr) (i32.const 20))))))))";

/// A folder for what tests make, under the build's own.
pub(crate) fn scratch() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A fresh folder that goes when the test ends.
pub(crate) fn fresh() -> TempDir {
    tempfile::tempdir_in(scratch()).unwrap()
}

/// A folder of this name, anew, that stays.
fn anew(name: &str) -> PathBuf {
    let folder = scratch().join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A path as text.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The description of GiBleed, as the site of these tests has registered it: a copy of what the
/// repository ships.
pub(crate) fn gibleed() -> PathBuf {
    static COPY: OnceLock<PathBuf> = OnceLock::new();
    COPY.get_or_init(|| {
        let dataset = gibleed_in(&anew("gibleed"));
        register(&dataset, &site_key());
        dataset
    })
    .clone()
}

/// A copy of GiBleed in `folder`, which is not registered.
pub(crate) fn gibleed_in(folder: &Path) -> PathBuf {
    for entry in fs::read_dir(root().join("examples/data/gibleed")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "parquet" || end == "toml") {
            fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
    }
    folder.join("dataset.toml")
}

/// The dataset that `file` describes, as registered.
pub(crate) fn opened(file: &Path) -> cloister::Dataset {
    let dataset = cloister::Dataset::open(file).unwrap();
    cloister::registered(dataset, None, false).unwrap()
}

/// The key of the site that these tests are, without a passphrase.
pub(crate) fn site_key() -> PathBuf {
    static KEY: OnceLock<PathBuf> = OnceLock::new();
    KEY.get_or_init(|| {
        let file = anew("site").join("site.key");
        new_key(&file);
        file
    })
    .clone()
}

/// When [`register`] says that it registered.
const NOTED: &str = "2020-01-01T00:00:00Z";

/// Registers `dataset` with the key in `key`, if it is a test's own, is called synthetic or public,
/// and is not registered as it is now. Nothing is read of it: what is broken in it is for a run to
/// find.
fn register(dataset: &Path, key: &Path) {
    let Ok(dataset) = cloister::Dataset::open(dataset) else { return };
    let kinds = fs::read_to_string(dataset.file()).unwrap();
    let own = dataset.file().starts_with(scratch());
    if !own || !["synthetic = true", "public = true"].iter().any(|kind| kinds.contains(kind)) {
        return;
    }
    let Ok(cloister::KeyFile::Private(key)) = cloister::KeyFile::open(key) else { return };
    let found = cloister::registered(dataset.clone(), Some(&key.public()), false);
    if found.is_ok_and(|found| found.is_registered()) {
        return;
    }
    let note = fs::read(cloister::snapshot_file(&dataset)).ok();
    let earlier = note.and_then(|note| serde_json::from_slice::<cloister::Snapshot>(&note).ok());
    // What a test has registered itself is left to it.
    if earlier.as_ref().is_some_and(|earlier| earlier.registered != NOTED) {
        return;
    }
    let noted = cloister::Snapshot::now(&dataset, NOTED);
    let _ = noted.and_then(|noted| {
        // It is no new epoch when a test changes its data.
        let id = earlier.map_or(noted.id.clone(), |earlier| earlier.id);
        cloister::Snapshot { id, ..noted }.sign(&dataset, &key)
    });
}

/// Makes a key without a passphrase.
pub(crate) fn new_key(file: &Path) {
    cloister::new_key(file, None).unwrap();
}

/// The key in `file`, which has no passphrase.
pub(crate) fn signer(file: &Path) -> cloister::Signer {
    let key = match cloister::KeyFile::open(file).unwrap() {
        cloister::KeyFile::Private(key) => Some(key),
        _ => None,
    };
    key.unwrap()
}

/// People with keys, and an adopted trust root that lists an author, three reviewers and a site.
pub(crate) struct People {
    folder: TempDir,
}

impl People {
    pub(crate) fn new() -> Self {
        let folder = fresh();
        let people = Self { folder };
        let file = |name: &str| people.file(name);
        for name in ["root", "author", "one", "two", "three"] {
            new_key(&file(&format!("{name}.key")));
        }
        for end in ["key", "pub"] {
            fs::copy(site_key().with_extension(end), file(&format!("site.{end}"))).unwrap();
        }
        let key = |name: &str| {
            PublicKey::from(cloister::public_key(&file(&format!("{name}.pub"))).unwrap())
        };
        let (trust, now) = (file("trust.toml"), jiff::Timestamp::now());
        cloister::new_root(&trust, &[key("root")], 1, now).unwrap();
        for (name, role) in [
            ("author", Role::Author),
            ("one", Role::Reviewer),
            ("two", Role::Reviewer),
            ("three", Role::Reviewer),
            ("site", Role::Site),
        ] {
            let (organisation, roles) = (format!("org of {name}"), vec![role]);
            let person = NewPerson { name: name.to_owned(), organisation, roles, key: key(name) };
            cloister::add_person(&trust, &person, now).unwrap();
        }
        cloister::sign_root(&trust, &signer(&file("root.key"))).unwrap();
        let (fingerprint, _) = cloister::root_fingerprint(&trust).unwrap();
        cloister::adopt_root(&trust, fingerprint, now).unwrap();
        people
    }

    /// A file of theirs.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Their ledger, for data that are not a test's own.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.file("ledger.sqlite")
    }

    /// Signs `module` as `name`.
    pub(crate) fn sign(&self, module: &Path, name: &str) {
        let role = if name == "author" { "author" } else { "reviewer" };
        let key = self.file(&format!("{name}.key"));
        succeed(&["sign", text(module), "--key", text(&key), "--role", role]);
    }

    /// A copy of `module` in a folder of its own, signed by the author and two reviewers.
    pub(crate) fn signed(&self, module: &Path) -> PathBuf {
        let folder = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let copy = folder.join("study.wasm");
        fs::copy(module, &copy).unwrap();
        for name in ["author", "one", "two"] {
            self.sign(&copy, name);
        }
        copy
    }

    /// The arguments of a run under `hospital`. The ledger is beside the dataset, if that is a
    /// test's own, and else with these people.
    pub(crate) fn run(&self, module: &Path, dataset: &Path, out: &Path) -> Vec<String> {
        let own = dataset.starts_with(scratch()) && dataset != gibleed();
        let ledger = if own { dataset.with_file_name("ledger.sqlite") } else { self.ledger() };
        [
            "run",
            text(module),
            "--dataset",
            text(dataset),
            "--trust",
            text(&self.file("trust.toml")),
            "--site-key",
            text(&self.file("site.key")),
            "--ledger",
            text(&ledger),
            "--out",
            text(out),
        ]
        .map(str::to_owned)
        .to_vec()
    }

    /// Runs a signed copy of `module` under `hospital` and gives the release.
    pub(crate) fn release(&self, module: &Path, dataset: &Path) -> ReleaseDocument {
        let out = fresh();
        let out = out.path().join("release");
        let arguments = self.run(&self.signed(module), dataset, &out);
        succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        ReleaseDocument::decode(&fs::read(out.join("release.json")).unwrap()).unwrap()
    }
}

/// Runs `module` under `exact`, with more arguments, and gives the release's bytes.
pub(crate) fn exact(module: &Path, dataset: &Path, more: &[&str]) -> Vec<u8> {
    let out = fresh();
    let out = out.path().join("exact");
    let mut arguments = vec!["run", text(module), "--dataset", text(dataset), "--profile", "exact"];
    arguments.extend(["--out", text(&out)]);
    arguments.extend(more);
    succeed(&arguments);
    fs::read(out.join("UNPROTECTED-release.json")).unwrap()
}

/// The cell of `document` in `output` whose labels are just `labels`.
pub(crate) fn cell<'d>(
    document: &'d ReleaseDocument,
    output: &str,
    labels: &[(&str, &str)],
) -> &'d CellDocument {
    let fits = |cell: &&CellDocument| {
        cell.output == output
            && cell.cell.iter().count() == labels.len()
            && labels.iter().all(|(name, label)| cell.cell.get(name) == Some(label))
    };
    document.cells.iter().find(fits).unwrap()
}

/// Exact persons of a cell.
pub(crate) fn persons(document: &ReleaseDocument, output: &str, labels: &[(&str, &str)]) -> u64 {
    let [low, high] = cell(document, output, labels).persons.unwrap();
    assert_eq!(low, high, "exact numbers have no interval");
    low
}
