//! A parent's hold on one child: it is started, told its order, heard within bounds, and killed
//! and waited for when it has answered, when it is late, or when nobody wants its answer any more.

use std::io::Write as _;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use futures::channel::oneshot;

use super::Confined;
use super::answer::{Answer, Wants};

/// A child could not be started, ended early, was late, or answered what is no answer. Nothing was
/// released. For the site's eyes only.
#[derive(Debug, thiserror::Error)]
pub enum ChildFault {
    /// It could not be started.
    #[error("a process for guests cannot be started: {0}")]
    Start(#[from] io::Error),
    /// It ended without an answer.
    #[error("the process for guests ended without an answer: {how}; nothing was released")]
    Ended {
        /// By what, for people.
        how: String,
        /// By which signal, if by one.
        signal: Option<i32>,
    },
    /// It answered what is no answer.
    #[error("the process for guests answered what is no answer: {0}; nothing was released")]
    Garbage(&'static str),
    /// It took too long.
    #[error("the process for guests took more than {seconds} s; nothing was released")]
    Late {
        /// The deadline.
        seconds: u64,
    },
    /// The system does not confine it, and that was asked for.
    #[error(
        "this system cannot confine the process for guests ({0}), and `--require-confinement` asks \
         for it; use Linux 5.13 or newer with Landlock and seccomp"
    )]
    Unconfined(&'static str),
}

/// One conversation: what to say, what to hear, and how long it may take.
pub(super) struct Conversation {
    /// The first argument of the program.
    pub(super) role: &'static str,
    pub(super) order: Vec<u8>,
    pub(super) wants: Wants,
    pub(super) time_max: Duration,
}

/// A child that was not started yet, runs, or is not wanted any more.
enum Slot {
    Empty,
    Unwanted,
    Runs(Child),
}

struct Shared {
    slot: Mutex<Slot>,
    late: AtomicBool,
}

/// Kills the child when nobody waits for it any more.
struct Hold(Arc<Shared>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.kill();
    }
}

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut Slot) -> T) -> T {
        act(&mut self.slot.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Kills and waits; to do it again does nothing.
    fn kill(&self) {
        self.with(|slot| match slot {
            Slot::Runs(child) => {
                // A process that has been waited for already is neither killed nor waited for.
                let _ = child.kill();
                let _ = child.wait();
            }
            Slot::Empty | Slot::Unwanted => *slot = Slot::Unwanted,
        });
    }

    /// How the child ended; one that has closed its output and lives on is killed.
    fn ended(&self) -> Option<ExitStatus> {
        let patience = Instant::now();
        while patience.elapsed() < Duration::from_secs(1) {
            let status = self.with(|slot| match slot {
                Slot::Runs(child) => child.try_wait().ok().flatten(),
                Slot::Empty | Slot::Unwanted => None,
            });
            if status.is_some() {
                return status;
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.kill();
        None
    }
}

/// Starts a child and gives its last answer; `hear` is called with its progress. When the future
/// is dropped the child is killed and waited for.
///
/// # Errors
/// [`ChildFault`]
pub(super) async fn converse(
    confined: &Confined,
    conversation: Conversation,
    hear: impl FnMut([u64; 3]) + Send + 'static,
) -> Result<Answer, ChildFault> {
    let shared = Arc::new(Shared { slot: Mutex::new(Slot::Empty), late: AtomicBool::new(false) });
    let hold = Hold(Arc::clone(&shared));
    let (tell, told) = oneshot::channel();
    let confined = confined.clone();
    // A child dies with the *thread* that made it, so that thread is its own and waits for it.
    thread::Builder::new().name("child".to_owned()).spawn(move || {
        let ended = talk(&confined, &shared, conversation, hear);
        shared.kill();
        // Whoever waited may be gone.
        let _ = tell.send(ended);
    })?;
    let answer = told.await;
    drop(hold);
    answer.unwrap_or(Err(ChildFault::Garbage("nobody listened")))
}

fn talk(
    confined: &Confined,
    shared: &Arc<Shared>,
    conversation: Conversation,
    mut hear: impl FnMut([u64; 3]),
) -> Result<Answer, ChildFault> {
    let Conversation { role, order, wants, time_max } = conversation;
    let (input, mut output) = start(confined, shared, role)?;
    // Both threads end with this function: they see that these are gone.
    let (_told, until) = mpsc::channel::<()>();
    let (_heard, deadline) = mpsc::channel::<()>();
    thread::Builder::new().spawn(move || tell(input, &order, &until))?;
    let watched = Arc::clone(shared);
    thread::Builder::new().spawn(move || {
        if deadline.recv_timeout(time_max) == Err(RecvTimeoutError::Timeout) {
            watched.late.store(true, Ordering::Relaxed);
            watched.kill();
        }
    })?;
    let late = |fault| match shared.late.load(Ordering::Relaxed) {
        true => ChildFault::Late { seconds: time_max.as_secs() },
        false => fault,
    };
    let mut held = false;
    loop {
        match Answer::read(&mut output, wants).map_err(late)? {
            None => return Err(late(early_end(shared.ended()))),
            Some(Answer::Held(what)) if !held => {
                held = true;
                if let Some(missing) = what.missing() {
                    if confined.required {
                        return Err(ChildFault::Unconfined(missing));
                    }
                    if role == super::WORKER {
                        tracing::warn!("guests run without confinement: {missing}");
                    }
                }
            }
            // Whatever is said before is said by something that is not known to be confined.
            _ if !held => return Err(ChildFault::Garbage("it does not say what confines it")),
            Some(Answer::Held(_)) => return Err(ChildFault::Garbage("it begins twice")),
            Some(Answer::Progress(numbers)) => hear(numbers),
            Some(answer) => return Ok(answer),
        }
    }
}

fn start(
    confined: &Confined,
    shared: &Shared,
    role: &'static str,
) -> Result<(ChildStdin, std::process::ChildStdout), ChildFault> {
    let mut command = Command::new(&confined.program);
    // Of the environment a child gets nothing; of what it says but its answers nothing is heard:
    // a guest that has broken out writes to nobody's terminal.
    command
        .arg(role)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    #[cfg(feature = "faults")]
    crate::faults::pass_on(&mut command);
    // A Ctrl-C is the parent's to hear; it ends its children itself.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    shared.with(|slot| {
        if matches!(slot, Slot::Unwanted) {
            return Err(io::Error::from(io::ErrorKind::Interrupted).into());
        }
        let mut child = command.spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        *slot = Slot::Runs(child);
        pipes.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe).into())
    })
}

/// Tells the order, and then keeps the pipe open: its end tells a child that the parent is gone.
fn tell(mut input: ChildStdin, order: &[u8], until: &mpsc::Receiver<()>) {
    // A child that does not listen to the end will not answer either.
    let _ = input.write_all(order);
    let _ = until.recv();
}

fn early_end(status: Option<ExitStatus>) -> ChildFault {
    let signal = status.and_then(|status| signal(&status));
    let how = match (signal, status) {
        (Some(SIGSYS), _) => "it made a system call that it may not".to_owned(),
        (Some(signal), _) => format!("signal {signal}"),
        (None, Some(status)) => status.to_string(),
        (None, None) => "it closed its output".to_owned(),
    };
    ChildFault::Ended { how, signal }
}

const SIGSYS: i32 = 31;

#[cfg(unix)]
fn signal(status: &ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(status)
}

#[cfg(not(unix))]
fn signal(_: &ExitStatus) -> Option<i32> {
    None
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
