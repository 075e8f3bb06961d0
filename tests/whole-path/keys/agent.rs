//! Keys in an ssh-agent: a real one signs; one that is gone, refuses or lies signs nothing.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ed25519_dalek::{Signer as _, SigningKey};
use tempfile::TempDir;

use super::{module, refused, signed_by};
use crate::harness::{People, command, example, fresh, gibleed_in, say_skipped, text};

/// An ssh-agent of its own, which ends with its value.
struct Agent {
    child: Child,
    folder: TempDir,
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Agent {
    /// An agent without keys; `None`, once said, where there is none.
    fn start() -> Option<Self> {
        // A socket's path is short, and the folder of the tests may not be.
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        let started = Command::new("ssh-agent")
            .args(["-D", "-a", text(&socket)])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = started else {
            say_skipped("no ssh-agent signed: there is no `ssh-agent`");
            return None;
        };
        let agent = Self { child, folder };
        let begin = Instant::now();
        while UnixStream::connect(agent.socket()).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(10), "the ssh-agent did not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(agent)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("s")
    }

    /// Makes a key, gives it to the agent, and leaves its public half alone on disk.
    fn add(&self, name: &str, kind: &[&str], comment: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        self.tool("ssh-keygen", &[kind, &["-q", "-N", "", "-C", comment, "-f", text(&file)]]);
        self.tool("ssh-add", &[&["-q", text(&file)]]);
        fs::remove_file(&file).unwrap();
        file.with_extension("pub")
    }

    /// What an OpenSSH program prints.
    fn tool(&self, program: &str, arguments: &[&[&str]]) -> String {
        let mut tool = Command::new(program);
        tool.args(arguments.concat()).env("SSH_AUTH_SOCK", self.socket());
        let output = tool.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The `SHA256:…` that ssh-keygen says.
    fn fingerprint(&self, public: &Path) -> String {
        let line = self.tool("ssh-keygen", &[&["-l", "-f", text(public)]]);
        line.split(' ').nth(1).unwrap().to_owned()
    }

    /// What signing with `key` is refused for.
    fn refused(&self, key: &str) -> String {
        refused(&[key], |command| {
            command.env("SSH_AUTH_SOCK", self.socket());
        })
    }
}

const ED25519: &[&str] = &["-t", "ed25519"];

#[test]
fn an_agent_signs_by_fingerprint_comment_and_public_file() {
    let Some(agent) = Agent::start() else { return };
    agent.add("other", ED25519, "somebody else");
    let public = agent.add("mine", ED25519, "me at work");
    let fingerprint = agent.fingerprint(&public);
    let by_name = format!("agent:{fingerprint}");
    for key in [&by_name, "agent:me at work", text(&public)] {
        let (_folder, module) = module();
        let mut sign = command(&["sign", text(&module), "--role", "author", "--key", key]);
        let output = sign.env("SSH_AUTH_SOCK", agent.socket()).output().unwrap();
        assert!(output.status.success(), "{key}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(signed_by(&module, &public), "{key}");
        assert!(!signed_by(&module, &agent.folder.path().join("other.pub")), "{key}");
    }
    // The fingerprint is what OpenSSH says, and each way to name the key names the same.
    let line = |key: &str, what: &str| {
        let mut shown = command(&["key", what, key]);
        let output = shown.env("SSH_AUTH_SOCK", agent.socket()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(line(text(&public), "show").contains(&format!("OpenSSH  {fingerprint}\n")));
    assert!(line(&by_name, "show").contains("private, in the ssh-agent"));
    assert!(line(&by_name, "public").starts_with("ed25519:"));
    assert_eq!(line(&by_name, "public"), line(text(&public), "public"));
}

#[test]
fn a_site_seals_by_an_agent() {
    let Some(agent) = Agent::start() else { return };
    let public = agent.add("site", ED25519, "the site");
    let people = People::new();
    let (out, data) = (fresh(), fresh());
    let out = out.path().join("release");
    let dataset = gibleed_in(data.path());
    let by_agent = ["--site-key", "agent:the site"];
    let mut register = command(&[&["dataset", "register", text(&dataset)], &by_agent[..]].concat());
    let output = register.env("SSH_AUTH_SOCK", agent.socket()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut arguments = people.run(&people.signed(&example("age-sex")), &dataset, &out);
    let at = arguments.iter().position(|word| word == "--site-key").unwrap() + 1;
    "agent:the site".clone_into(&mut arguments[at]);
    let mut run = command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let output = run.env("SSH_AUTH_SOCK", agent.socket()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let release = out.join("release.json");
    let verify = |site: &Path| {
        let output = crate::harness::cloister(&["verify", text(&release), "--site", text(site)]);
        output.status.success()
    };
    assert!(verify(&public));
    assert!(!verify(&people.file("site.pub")));
}

#[test]
fn keys_that_an_agent_does_not_have_or_of_another_kind() {
    let Some(mut agent) = Agent::start() else { return };
    assert!(agent.refused("agent:me").contains("has no key `me`"));
    let rsa = agent.add("rsa", &["-t", "rsa", "-b", "2048"], "my RSA");
    for name in ["agent:my RSA", &format!("agent:{}", agent.fingerprint(&rsa))] {
        assert!(agent.refused(name).contains("is no Ed25519 key"), "{name}");
    }
    assert!(agent.refused(text(&rsa)).contains("is not an Ed25519"));
    let first = agent.add("first", ED25519, "twice");
    agent.add("second", ED25519, "twice");
    assert!(agent.refused("agent:twice").contains("several keys `twice`"));
    agent.tool("ssh-add", &[&["-q", "-d", text(&first)]]);
    assert!(agent.refused(text(&first)).contains(&agent.fingerprint(&first)));
    agent.child.kill().unwrap();
    agent.child.wait().unwrap();
    assert!(agent.refused("agent:twice").contains("does not answer"));
    assert!(refused(&["agent:twice"], |_| ()).contains("there is no ssh-agent"));
}

/// What an agent that is not to be trusted answers when it is asked to sign these bytes.
type Answer = fn(&SigningKey, &[u8]) -> Vec<u8>;

/// When a liar starts to lie.
#[derive(Clone, Copy, PartialEq)]
enum Lies {
    /// When it is asked to sign.
    Signing,
    /// When it is asked for its keys.
    Listing,
    /// As then, and byte by byte, ten a second.
    Dripping,
}

/// An agent that holds one key, `me`, and answers with `answer` when it lies.
fn liar(folder: &Path, lies: Lies, answer: Answer) -> PathBuf {
    let socket = folder.join("liar");
    let _ = fs::remove_file(&socket);
    let asked = folder.join("asked");
    let listener = UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || {
        let key = SigningKey::from_bytes(&[7; 32]);
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut length = [0; 4];
            stream.read_exact(&mut length).unwrap();
            let mut request = vec![0; u32::from_be_bytes(length) as usize];
            stream.read_exact(&mut request).unwrap();
            let answer = if lies == Lies::Signing && request[0] == 11 {
                let listed = [&[12, 0, 0, 0, 1][..], &string(&blob(&key)), &string(b"me")].concat();
                string(&listed)
            } else {
                // After the kind and the blob of 51, each string with its length, come the bytes
                // to sign, and four of flags.
                let bytes = request.get(60..request.len().saturating_sub(4)).unwrap_or_default();
                // A mark for whoever waits until the agent is asked for what it lies about.
                fs::write(&asked, "").unwrap();
                answer(&key, bytes)
            };
            let bytes = if lies == Lies::Dripping { 1 } else { answer.len().max(1) };
            for chunk in answer.chunks(bytes) {
                if stream.write_all(chunk).is_err() {
                    // The client has hung up on what it will not read.
                    break;
                }
                std::thread::sleep(Duration::from_millis(if bytes == 1 { 100 } else { 0 }));
            }
            // It never ends by itself: what is missing is waited for in vain.
            std::mem::forget(stream);
        }
    });
    socket
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
}

fn blob(key: &SigningKey) -> Vec<u8> {
    [string(b"ssh-ed25519"), string(key.verifying_key().as_bytes())].concat()
}

/// A well-formed answer with the signature of `key` over `bytes`, said to be of `kind`.
fn signed(key: &SigningKey, kind: &[u8], bytes: &[u8]) -> Vec<u8> {
    let signature = [string(kind), string(&key.sign(bytes).to_bytes())].concat();
    string(&[&[14][..], &string(&signature)].concat())
}

#[test]
fn what_a_lying_agent_signs_does_not_count() {
    let answers: &[(Answer, &str)] = &[
        (|key, _| signed(key, b"ssh-ed25519", b"other bytes"), "not by this key"),
        (
            |_, bytes| signed(&SigningKey::from_bytes(&[8; 32]), b"ssh-ed25519", bytes),
            "not by this key",
        ),
        (|key, bytes| signed(key, b"ssh-rsa", bytes), "malformed"),
        (|_, _| string(&[5]), "refuses"),
        (|_, _| string(&[14]), "malformed"),
        (|_, _| string(&[]), "malformed"),
        (|_, _| vec![0xff; 1 << 20], "malformed"),
        (|_, _| string(&vec![14; 300_000]), "malformed"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (at, (answer, says)) in answers.iter().enumerate() {
        let socket = liar(folder.path(), Lies::Signing, *answer);
        let message = refused(&["agent:me"], |command| {
            command.env("SSH_AUTH_SOCK", &socket);
        });
        assert!(message.contains(says), "{at}: {message}");
    }
    // The same agent that tells the truth signs: what was refused was refused for the lie.
    let socket =
        liar(folder.path(), Lies::Signing, |key, bytes| signed(key, b"ssh-ed25519", bytes));
    let (_folder, module) = module();
    let mut sign = command(&["sign", text(&module), "--role", "author", "--key", "agent:me"]);
    assert!(sign.env("SSH_AUTH_SOCK", &socket).output().unwrap().status.success());
}

#[test]
fn a_list_that_lies_or_never_comes_is_given_up() {
    let answers: &[(Lies, Answer, &str)] = &[
        // So many keys as nobody has, and none of them there.
        (Lies::Listing, |_, _| string(&[12, 0xff, 0xff, 0xff, 0xff]), "malformed"),
        (
            Lies::Listing,
            |key, _| string(&[&[12, 0, 0, 0, 2][..], &string(&blob(key))].concat()),
            "malformed",
        ),
        (Lies::Listing, |_, _| string(&[12, 0, 0, 0, 0, 1]), "malformed"),
        (Lies::Listing, |_, _| string(&[5]), "refuses"),
        (Lies::Listing, |_, _| Vec::new(), "timed out"),
        (Lies::Dripping, |_, _| string(&[12; 250]), "timed out"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (at, (lies, answer, says)) in answers.iter().enumerate() {
        let socket = liar(folder.path(), *lies, *answer);
        let begin = Instant::now();
        let message = refused(&["agent:me"], |command| {
            command.env("SSH_AUTH_SOCK", &socket);
        });
        assert!(message.contains(says), "{at}: {message}");
        assert!(begin.elapsed() < Duration::from_secs(20), "{at}: {:?}", begin.elapsed());
    }
}

#[test]
fn a_run_ends_when_it_is_told_to_while_an_agent_asks_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    // It hears, and never answers.
    let socket = liar(folder.path(), Lies::Signing, |_, _| Vec::new());
    let people = People::new();
    let (out, data) = (fresh(), fresh());
    let (dataset, release) = (gibleed_in(data.path()), out.path().join("release"));
    let mut arguments = people.run(&people.signed(&example("age-sex")), &dataset, &release);
    let at = arguments.iter().position(|word| word == "--site-key").unwrap() + 1;
    "agent:me".clone_into(&mut arguments[at]);
    let mut run = command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let run = run.env("SSH_AUTH_SOCK", &socket).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut run = run.spawn().unwrap();
    let asked = folder.path().join("asked");
    let begin = Instant::now();
    while !asked.exists() {
        assert!(run.try_wait().unwrap().is_none(), "the run ended before it sealed");
        assert!(begin.elapsed() < Duration::from_secs(120), "the run did not come to its seal");
        std::thread::sleep(Duration::from_millis(20));
    }
    let begin = Instant::now();
    let sent = Command::new("kill").args(["-INT", &run.id().to_string()]).status();
    if !sent.is_ok_and(|status| status.success()) {
        run.kill().unwrap();
        run.wait().unwrap();
        return say_skipped("there is no `kill` to interrupt a run with");
    }
    let ended = run.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
}
