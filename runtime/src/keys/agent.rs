//! Keys in an ssh-agent: which it holds, and signatures by them. The private half never comes here.
//!
//! Source: the SSH agent protocol (draft-ietf-sshm-ssh-agent), sections 3.1 (messages), 3.5
//! (listing keys) and 3.6 (signing). A message is its length, a byte for its kind, and a body. Of
//! what an agent says nothing is believed or shown: its answers are bounded in bytes and in time,
//! and a signature counts after it was verified.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ed25519_dalek::{Signature, VerifyingKey};

use super::openssh::{self, Reader};

const LIST: u8 = 11;
const LISTED: u8 = 12;
const SIGN: u8 = 13;
const SIGNED: u8 = 14;
/// The agent's word for no.
const FAILURE: u8 = 5;

/// Most bytes of an answer: what OpenSSH's own client takes (`AGENT_MAX_LEN`).
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How long an agent may take to list its keys.
const LIST_SECONDS_MAX: u64 = 5;
/// How long it may take to sign: it may ask its owner, who may have to look for a token.
const SIGN_SECONDS_MAX: u64 = 60;

/// The ssh-agent does not sign.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// There is no agent.
    #[error(
        "there is no ssh-agent, as SSH_AUTH_SOCK is not set; start one with `eval $(ssh-agent)`, \
         and give it your key with `ssh-add`"
    )]
    NoAgent,
    /// The agent is gone, or too slow.
    #[error("the ssh-agent at `{}` does not answer: {source}; is it running?", socket.display())]
    Silent {
        /// Its socket.
        socket: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The agent's answer is not of the protocol.
    #[error("the ssh-agent's answer is malformed; start another one")]
    Malformed,
    /// The agent says no.
    #[error("the ssh-agent refuses; perhaps it is locked, or its owner said no")]
    Refused,
    /// The agent does not have the key.
    #[error("the ssh-agent has no key `{0}`; `ssh-add -l` lists its keys, `ssh-add` adds one")]
    Absent(String),
    /// The key is of another kind.
    #[error(
        "the ssh-agent's key `{0}` is no Ed25519 key, as keys must be here; make one with \
         `ssh-keygen -t ed25519`"
    )]
    OtherKind(String),
    /// Several keys have the same comment.
    #[error("the ssh-agent has several keys `{0}`; name one by its SHA256:… of `ssh-add -l`")]
    Ambiguous(String),
    /// The agent's signature is not by the key over the bytes.
    #[error("the ssh-agent's signature is not by this key over these bytes; trust it no more")]
    Lied,
}

/// A key whose private half an agent holds.
pub(super) struct AgentKey {
    socket: PathBuf,
    pub(super) public: VerifyingKey,
}

impl AgentKey {
    /// The only Ed25519 key whose fingerprint or comment is `wanted`.
    pub(super) fn named(wanted: &str) -> Result<Self, AgentError> {
        Self::find(wanted, |blob, comment| {
            comment == wanted.as_bytes() || openssh::fingerprint(blob) == wanted
        })
    }

    /// The key whose public half is `public`.
    pub(super) fn holding(public: &VerifyingKey) -> Result<Self, AgentError> {
        let wanted = openssh::blob(public);
        Self::find(&openssh::fingerprint(&wanted), |blob, _| blob == wanted)
    }

    fn find(wanted: &str, fits: impl Fn(&[u8], &[u8]) -> bool) -> Result<Self, AgentError> {
        let socket = std::env::var_os("SSH_AUTH_SOCK").filter(|socket| !socket.is_empty());
        let socket = PathBuf::from(socket.ok_or(AgentError::NoAgent)?);
        let answer = ask(&socket, &[LIST], Duration::from_secs(LIST_SECONDS_MAX))?;
        let listed = list(body(&answer, LISTED)?).ok_or(AgentError::Malformed)?;
        let fitting: Vec<&[u8]> = listed
            .into_iter()
            .filter(|(blob, comment)| fits(blob, comment))
            .map(|(blob, _)| blob)
            .collect();
        // A certificate of a key has the key's comment, so kinds are told apart first.
        let keys: Vec<_> = fitting.iter().filter_map(|blob| openssh::key(blob)).collect();
        match keys[..] {
            [public] => Ok(Self { socket, public }),
            [] if fitting.is_empty() => Err(AgentError::Absent(wanted.to_owned())),
            [] => Err(AgentError::OtherKind(wanted.to_owned())),
            _ => Err(AgentError::Ambiguous(wanted.to_owned())),
        }
    }

    /// The agent's signature over `bytes`, verified.
    pub(super) fn sign(&self, bytes: &[u8]) -> Result<Signature, AgentError> {
        let mut request = vec![SIGN];
        openssh::put(&mut request, &openssh::blob(&self.public));
        openssh::put(&mut request, bytes);
        // No flags: they choose among the hashes of RSA.
        request.extend_from_slice(&[0; 4]);
        let answer = ask(&self.socket, &request, Duration::from_secs(SIGN_SECONDS_MAX))?;
        let mut answer = Reader(body(&answer, SIGNED)?);
        let blob = answer.string().filter(|_| answer.0.is_empty());
        let signature = blob.and_then(openssh::signature).ok_or(AgentError::Malformed)?;
        self.public.verify_strict(bytes, &signature).map_err(|_| AgentError::Lied)?;
        Ok(signature)
    }
}

/// Each key's blob and comment; nothing if the list is not just as long as it says.
fn list(body: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut body = Reader(body);
    let count = body.number()?;
    // Each takes eight bytes or more, so a false count ends with the answer.
    let keys: Option<Vec<_>> = (0..count).map(|_| Some((body.string()?, body.string()?))).collect();
    keys.filter(|_| body.0.is_empty())
}

/// The body of an answer of `kind`.
fn body(answer: &[u8], kind: u8) -> Result<&[u8], AgentError> {
    match answer.split_first() {
        Some((found, body)) if *found == kind => Ok(body),
        Some((&FAILURE, _)) => Err(AgentError::Refused),
        _ => Err(AgentError::Malformed),
    }
}

/// Sends `request` to the agent at `socket`; gives its answer.
#[cfg(unix)]
fn ask(socket: &Path, request: &[u8], within: Duration) -> Result<Vec<u8>, AgentError> {
    use std::io::{Read as _, Write as _};
    let silent = |source| AgentError::Silent { socket: socket.to_owned(), source };
    let mut agent = Timed::connect(socket, within).map_err(silent)?;
    let mut message = Vec::new();
    openssh::put(&mut message, request);
    agent.stream.write_all(&message).map_err(silent)?;
    let mut length = [0; 4];
    agent.read_exact(&mut length).map_err(silent)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > ANSWER_BYTES_MAX {
        return Err(AgentError::Malformed);
    }
    let mut answer = vec![0; length];
    agent.read_exact(&mut answer).map_err(silent)?;
    Ok(answer)
}

#[cfg(not(unix))]
fn ask(socket: &Path, _: &[u8], _: Duration) -> Result<Vec<u8>, AgentError> {
    let source = io::ErrorKind::Unsupported.into();
    Err(AgentError::Silent { socket: socket.to_owned(), source })
}

/// A stream that is read until a moment, however slowly its bytes drip.
#[cfg(unix)]
struct Timed {
    stream: std::os::unix::net::UnixStream,
    until: std::time::Instant,
}

#[cfg(unix)]
impl Timed {
    fn connect(socket: &Path, within: Duration) -> io::Result<Self> {
        let stream = std::os::unix::net::UnixStream::connect(socket)?;
        stream.set_write_timeout(Some(within))?;
        Ok(Self { stream, until: std::time::Instant::now() + within })
    }
}

#[cfg(unix)]
impl io::Read for Timed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.until.saturating_duration_since(std::time::Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(into).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
            _ => error,
        })
    }
}
