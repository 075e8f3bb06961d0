//! A site in a folder of its own, asked by the real binary; and all that leaves it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use cloister::{AccountLine, AuditEntry, AuditEvent};
use cloister_contract::digest::Digest;
use cloister_contract::envelope::Envelope;
use cloister_contract::release::ReleaseDocument;
use tempfile::TempDir;

use crate::attempt::{Attempt, Command, SIGNED, Then};
use crate::people::{people, sign, signer, trust};
use crate::world::{Data, World};

/// No attack may hold a site for longer: many times what the slowest takes here.
const DEADLINE: Duration = Duration::from_secs(120);

/// The profile of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// What the site uses: the attempt says which.
    Hospital,
    /// Exact numbers of synthetic data: what really was accumulated.
    Exact,
}

/// All that is seen of a run from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The exit code.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error, but for the site's log.
    pub(crate) stderr: String,
    /// The site's log without its times: when the release is planned for.
    pub(crate) log: Vec<String>,
    /// What the ledger says that studies have spent.
    pub(crate) accounts: Vec<AccountLine>,
    /// What the audit log says of the request, but for the time.
    pub(crate) audit: Vec<String>,
    /// Files that were not there before, by path, with their bytes; of the seal what does not
    /// change with the second in which it was made: its statement without the time, its length.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Seen {
    /// How far the run came that was stopped is a matter of chance: the site's log and the audit
    /// log tell it, and no release does.
    fn whenever_it_was_stopped(mut self) -> Self {
        self.audit.clear();
        self.log =
            self.log.first().map(|_| "the release is planned".to_owned()).into_iter().collect();
        self
    }

    /// The release, if there is one.
    pub(crate) fn release(&self) -> Result<ReleaseDocument, String> {
        let named = |name: &str| self.files.get(name);
        let bytes = named("out/release.json").or(named("out/UNPROTECTED-release.json"));
        let bytes = bytes.ok_or(format!("there is no release: {}", self.stderr))?;
        ReleaseDocument::decode(bytes).map_err(|error| error.to_string())
    }
}

/// A site of its own in a fresh folder, which has been asked what the attempt asks before.
pub(crate) struct Site<'a> {
    attempt: &'a Attempt,
    profile: Profile,
    off: Option<&'a str>,
    folder: TempDir,
}

impl<'a> Site<'a> {
    /// A site with `data` in `world`, with the host's mechanism `off`, if any.
    pub(crate) fn new(
        attempt: &'a Attempt,
        (data, world): (&Data, World),
        profile: Profile,
        off: Option<&'a str>,
    ) -> Self {
        let new = Self { attempt, profile, off, folder: fresh() };
        let place = new.data();
        data.write(&place, world, profile == Profile::Exact);
        trust(".", &place);
        for end in ["key", "pub"] {
            let key = people().path().join(attempt.site).with_extension(end);
            fs::copy(key, place.join("site").with_extension(end)).unwrap();
        }
        if profile == Profile::Exact {
            let dataset = cloister::Dataset::open(&place.join("dataset.toml")).unwrap();
            let noted = cloister::Snapshot::now(&dataset, "2020-01-01T00:00:00Z").unwrap();
            noted.sign(&dataset, &signer(&place.join("site.key"))).unwrap();
        }
        // Exact numbers cost nothing and remember nothing.
        if profile == Profile::Hospital {
            new.is_asked_before(data, world);
        }
        if attempt.revoked {
            trust("revoked", &place);
        }
        let module = new.root().join("study.wasm");
        fs::write(&module, attempt.reviewed.as_ref().unwrap_or(&attempt.module)).unwrap();
        sign(&module, &attempt.signed, off);
        fs::write(&module, &attempt.module).unwrap();
        new
    }

    /// Where it works.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    /// Where its data are, its keys and its ledger.
    pub(crate) fn data(&self) -> PathBuf {
        self.root().join("data")
    }

    fn is_asked_before(&self, data: &Data, world: World) {
        for (at, earlier) in (1..).zip(&self.attempt.earlier) {
            if let Some(other) = &earlier.data {
                other.write(&self.data(), world, false);
            }
            let module = format!("earlier-{at}.wasm");
            fs::write(self.root().join(&module), &earlier.module).unwrap();
            sign(&self.root().join(&module), &SIGNED, self.off);
            let mut command = self.command(&module, &format!("earlier-{at}"));
            finish(command.arg("--at-once").args(&earlier.more), self.folder.path());
            if earlier.data.is_some() {
                data.write(&self.data(), world, false);
            }
            match earlier.then {
                Then::Nothing => {}
                Then::Registered => {
                    assert_eq!(self.does(&["dataset", "register", "data/dataset.toml"]), Some(0));
                }
                Then::TakenAway => self.loses_its_registration(),
            }
        }
    }

    fn loses_its_registration(&self) {
        let data = self.data();
        for note in ["dataset.snapshot.json", "dataset.snapshot.json.intoto.jsonl"] {
            fs::remove_file(data.join(note)).unwrap();
        }
        let described = fs::read_to_string(data.join("dataset.toml")).unwrap();
        let renamed = described.replacen("name = \"", "name = \"other-", 1);
        let more = renamed.replacen("published_persons = ", "published_persons = 9", 1);
        assert_eq!(more.len(), described.len() + "other-9".len());
        fs::write(data.join("dataset.toml"), more).unwrap();
    }

    /// Runs `cloister` with these arguments where it works; the exit code.
    pub(crate) fn does(&self, arguments: &[&str]) -> Option<i32> {
        let mut command = Process::new(env!("CARGO_BIN_EXE_cloister"));
        command.args(arguments).current_dir(self.root()).env_remove("CLOISTER_FAULTS");
        command.envs(self.off.map(|mechanism| ("CLOISTER_FAULTS", mechanism)));
        finish(&mut command, self.folder.path())
    }

    /// What is asked of it: of a run, of `module` into `out`.
    pub(crate) fn command(&self, module: &str, out: &str) -> Process {
        let mut command = Process::new(env!("CARGO_BIN_EXE_cloister"));
        match self.attempt.command {
            Command::Run | Command::RunAgain => {
                let exactly = self.profile == Profile::Exact;
                let named = if exactly { "exact" } else { self.attempt.profile };
                command.args(["run", module, "--dataset", "data/dataset.toml", "--out", out]);
                command.args(["--profile", named])
            }
            Command::Register => command.args(["dataset", "register", "data/dataset.toml"]),
        };
        command.current_dir(self.root());
        command.env("CLOISTER_LOG", "cloister=info").env_remove("CLOISTER_FAULTS");
        command.envs(self.attempt.environment.iter().copied());
        command.envs(self.off.map(|mechanism| ("CLOISTER_FAULTS", mechanism)));
        command
    }
}

/// Puts `attempt` before a site with `data` in `world`, with the host's mechanism `off`, if any.
pub(crate) fn ask(
    attempt: &Attempt,
    data: &Data,
    world: World,
    profile: Profile,
    off: Option<&str>,
) -> Seen {
    let site = Site::new(attempt, (data, world), profile, off);
    let (root, folder) = (site.root(), site.folder.path());
    let (before, asked) = (walk(&root), audited(&site.data()).len());
    let mut command = site.command("study.wasm", "out");
    if attempt.command != Command::Register {
        // When it would be written is in the log, and compared.
        command.arg("--at-once");
    }
    command.args(&attempt.more);
    if attempt.command == Command::RunAgain {
        stop(&mut command, &root);
    }
    let code = finish(&mut command, folder);
    assert_ne!(code, Some(99), "there is no mechanism `{off:?}`");
    let read =
        |name: &str| String::from_utf8_lossy(&fs::read(folder.join(name)).unwrap()).into_owned();
    let mut files = walk(&root);
    files.retain(|name, bytes| before.get(name) != Some(bytes) && !stays(name));
    files
        .entry("out/release.json.intoto.jsonl".to_owned())
        .and_modify(|line| *line = timeless(line, &site.data(), attempt.command));
    let (log, stderr) = apart(&read("stderr"));
    // Earlier requests may have released other numbers, lawfully.
    let audit = audited(&site.data()).split_off(asked);
    let accounts = accounts(&site.data());
    let seen = Seen { code, stdout: read("stdout"), stderr, log, accounts, audit, files };
    if attempt.command == Command::RunAgain { seen.whenever_it_was_stopped() } else { seen }
}

/// Whether a file is the site's own, beside its data: its times are never the same twice. What
/// the ledger says of accounts is compared besides, and so is the audit log.
fn stays(name: &str) -> bool {
    ["data/ledger.", "data/releases/", "data/audit.", "data/receipts."]
        .iter()
        .any(|own| name.starts_with(own))
}

/// The entries of the audit log in `data`, without when it was asked.
fn audited(data: &Path) -> Vec<String> {
    let log = data.join("audit.jsonl");
    if !log.exists() {
        return Vec::new();
    }
    let key = cloister::public_key(&data.join("site.pub")).unwrap();
    let log = cloister::read_audit(&log, Some(&key)).unwrap();
    let timeless = |entry: AuditEntry| {
        // A receipt has the second in which it was asked for; what it says is compared besides.
        let nothing = Digest::of(b"");
        let event = match entry.event {
            AuditEvent::Released { release, .. } => {
                AuditEvent::Released { release, receipt: nothing }
            }
            AuditEvent::GivenAgain { release, .. } => {
                AuditEvent::GivenAgain { release, receipt: nothing }
            }
            other => other,
        };
        format!("{event:?} {:?}", entry.subject)
    };
    log.entries().map(timeless).collect()
}

/// The accounts of the ledger in `data`, if a run made one; a registered epoch has a random name.
fn accounts(data: &Path) -> Vec<AccountLine> {
    let ledger = data.join("ledger.sqlite");
    if !ledger.exists() {
        return Vec::new();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let key = cloister::public_key(&data.join("site.pub")).unwrap();
    let book = runtime.block_on(cloister::read_ledger(&ledger, Some(&key))).unwrap();
    let mut lines = cloister::account_lines(&book);
    lines.iter_mut().for_each(|line| line.epoch.clear());
    lines
}

/// The log's lines without their times, and what else was said on standard error.
pub(crate) fn apart(stderr: &str) -> (Vec<String>, String) {
    let is_log = |line: &&str| line.contains(" INFO cloister");
    let lines = stderr.split_inclusive('\n');
    let (log, rest): (Vec<&str>, Vec<&str>) = lines.partition(is_log);
    let timeless = |line: &&str| line.split_once(' ').unwrap().1.trim().to_owned();
    (log.iter().map(timeless).collect(), rest.concat())
}

/// Waits for `command`, whose output goes to files in `folder`.
fn finish(command: &mut Process, folder: &Path) -> Option<i32> {
    let file = |name: &str| Stdio::from(File::create(folder.join(name)).unwrap());
    let mut child =
        command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap();
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if begin.elapsed() > DEADLINE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{command:?} did not end within {DEADLINE:?}");
        }
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// Runs `command` at `site` for a moment, and stops it as its caller would: nothing is left, but
/// what the site wrote down for itself.
fn stop(command: &mut Process, site: &Path) {
    let before = walk(site);
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = quiet.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(40));
    let kill = Process::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.unwrap().success(), "it could not be stopped");
    // Whoever is too late has its answer, and asks again.
    if child.wait().unwrap().code() == Some(0) {
        fs::remove_dir_all(site.join("out")).unwrap();
    }
    let mut left = walk(site);
    left.retain(|name, bytes| before.get(name) != Some(bytes) && !stays(name));
    assert!(left.is_empty(), "what was stopped left {:?}", left.keys());
}

/// Every file and folder under `root`, by path.
pub(crate) fn walk(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                found.insert(name + "/", Vec::new());
                folders.push(path);
            } else {
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// A seal's statement without the time, and the length of the whole line.
fn timeless(line: &[u8], data: &Path, command: Command) -> Vec<u8> {
    let text = std::str::from_utf8(line).unwrap();
    let key = cloister::public_key(&data.join("site.pub")).unwrap();
    let envelope = Envelope::from_line(text.trim_end()).unwrap();
    let payload = envelope.verify(&key).unwrap();
    let mut statement: serde_json::Value = serde_json::from_slice(payload).unwrap();
    // In the order of names, whatever is taken out.
    let claim = statement.get_mut("predicate").unwrap().take();
    let mut claim: BTreeMap<String, serde_json::Value> = serde_json::from_value(claim).unwrap();
    claim.remove("signed_at").unwrap();
    // The receipt before has a second of its own, and so have the statements of a dossier; each
    // registration has a random number.
    let stopped = command == Command::RunAgain;
    if stopped {
        claim.remove("before");
    }
    for other in ["before", "snapshot", "dossier"] {
        claim.entry(other.to_owned()).and_modify(|what| *what = serde_json::Value::Bool(true));
    }
    // Whoever does not wait may have had a receipt already when it was stopped, by chance.
    let whole = if stopped { "some".to_owned() } else { line.len().to_string() };
    format!("{statement} {claim:?} in {whole} bytes").into_bytes()
}

/// A fresh folder that goes with its value.
pub(crate) fn fresh() -> TempDir {
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&scratch).unwrap();
    tempfile::tempdir_in(scratch).unwrap()
}
