//! A PostgreSQL of a test's own, in a new folder; it is stopped when the test ends or fails.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::harness::text;

/// A running server.
pub(super) struct Server {
    process: Child,
    folder: TempDir,
}

impl Server {
    /// Starts a server; `None`, once said, where there is none to start.
    pub(super) fn start() -> Option<Self> {
        match Self::try_start() {
            Ok(server) => Some(server),
            Err(why) => {
                super::absent(&why);
                None
            }
        }
    }

    fn try_start() -> Result<Self, String> {
        let binaries = binaries().ok_or("there is no `initdb` and `postgres`")?;
        // Not under the build's folder: a socket's path must be short, and the folder another's.
        let folder = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp").unwrap();
        let user = user(folder.path())?;
        let data = folder.path().join("data");
        let log = File::create(folder.path().join("log")).unwrap();
        let mut initdb = user.command(&binaries.join("initdb"));
        initdb.args(["--pgdata", text(&data), "--username", "postgres", "--auth", "trust"]);
        initdb.args(["--encoding", "UTF8", "--locale", "C", "--no-sync"]).stdout(Stdio::null());
        let made = initdb.stderr(log.try_clone().unwrap()).status();
        assert!(made.is_ok_and(|status| status.success()), "{}", said(folder.path()));
        let mut postgres = user.command(&binaries.join("postgres"));
        // No port, no wish to survive a crash.
        postgres.args([
            "-D",
            text(&data),
            "-k",
            text(folder.path()),
            "-c",
            "listen_addresses=",
            "-F",
        ]);
        let process = postgres.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let mut server = Self { process, folder };
        let until = Instant::now() + Duration::from_secs(60);
        while server.sql("postgres", "SELECT 1", "postgres").is_err() {
            let ended = server.process.try_wait().unwrap().is_some();
            assert!(!ended && Instant::now() < until, "{}", said(server.folder.path()));
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// The folder of its socket.
    pub(super) fn socket(&self) -> &Path {
        self.folder.path()
    }

    /// What psql prints of `script` as `role`, or what it complains of.
    pub(super) fn sql(&self, database: &str, script: &str, role: &str) -> Result<String, String> {
        use std::io::Write as _;
        let mut psql = Command::new("psql");
        psql.args(["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-U", role, "-d", database]);
        psql.args(["-f", "-"]).env("PGHOST", self.socket()).stdin(Stdio::piped());
        let mut psql = psql.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        psql.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let output = psql.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A fast shutdown; if it is not heard, an end.
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-INT", &id]).status();
        for _ in 0..200 {
            if self.process.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn said(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}

/// Where the server's programs are: Debian keeps them out of the path, in a folder per version.
fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    folders.extend(std::env::split_paths(&path));
    let has = |folder: &PathBuf, name| folder.join(name).is_file();
    let psql = std::env::split_paths(&path).any(|folder| has(&folder, "psql"));
    folders.into_iter().rev().find(|f| psql && has(f, "initdb") && has(f, "postgres"))
}

/// Whom the server runs as: PostgreSQL refuses root.
enum User {
    Own,
    Other { uid: String, gid: String },
}

impl User {
    fn command(&self, program: &Path) -> Command {
        match self {
            Self::Own => Command::new(program),
            Self::Other { uid, gid } => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", uid, "--regid", gid, "--clear-groups"]).arg(program);
                command
            }
        }
    }
}

/// The user who may run a server in `folder`, which becomes theirs.
fn user(folder: &Path) -> Result<User, String> {
    use std::os::unix::fs::MetadataExt as _;
    if fs::metadata(folder).unwrap().uid() != 0 {
        return Ok(User::Own);
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = ["postgres", "nobody"].into_iter().find_map(|name| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut ids = line.split(':').skip(2).map(str::to_owned);
        Some((ids.next()?, ids.next()?))
    });
    let (uid, gid) = found.ok_or("there is no user but root to run it as")?;
    let own = std::os::unix::fs::chown(folder, uid.parse().ok(), gid.parse().ok());
    own.map_err(|error| error.to_string())?;
    let tried = Command::new("setpriv").arg("--version").output();
    tried.map_err(|_| "there is no `setpriv` to run it as another user than root")?;
    Ok(User::Other { uid, gid })
}
