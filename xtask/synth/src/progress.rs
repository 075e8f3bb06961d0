//! One line on the terminal that says how far the run is, how fast, and how long it will take.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use cloister_synth::Progress;

/// The line is redrawn no more often than this.
const REDRAW: Duration = Duration::from_millis(250);

/// The progress line; silent when standard error is no terminal.
pub(crate) struct ProgressLine {
    persons: u64,
    start: Instant,
    drawn: Option<Instant>,
    terminal: bool,
}

impl ProgressLine {
    /// A line for a run over so many persons.
    pub(crate) fn new(persons: u64) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { persons, start: Instant::now(), drawn: None, terminal }
    }

    /// Draws the line, unless it was drawn a moment ago.
    pub(crate) fn show(&mut self, progress: Progress) {
        if !self.terminal || self.drawn.is_some_and(|drawn| drawn.elapsed() < REDRAW) {
            return;
        }
        self.drawn = Some(Instant::now());
        let millis = self.start.elapsed().as_millis().max(1);
        let (done, total) = (u128::from(progress.done), u128::from(progress.total.max(1)));
        // A shuffled run visits each person several times; the user thinks in persons.
        let persons = u128::from(self.persons) * done / total;
        let speed = persons * 1_000 / millis;
        let seconds_left = (total - done) * millis / done.max(1) / 1_000;
        let mut err = std::io::stderr().lock();
        let _ = write!(
            err,
            "\r{persons} of {} persons, {speed} persons/s, {seconds_left} s left\x1b[K",
            self.persons
        );
        let _ = err.flush();
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        if self.drawn.is_some() {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }
}
