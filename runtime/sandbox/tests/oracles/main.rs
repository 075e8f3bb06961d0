//! Two oracles of what a person's call must be, asked over generated guests, and mutants of the
//! sandbox that must not pass them.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "the numbers of these tests are small, or random"
)]

// `cfg(test)` lets clippy see that helpers belong to tests.

/// The oracles: a fresh instance, and the module as it was.
#[cfg(test)]
mod oracle;

/// The module as it was, in an engine of its own.
#[cfg(test)]
mod original;

/// Guests that write, remember and look, from a seed.
#[cfg(test)]
mod stateful;

/// Guests that `wasm-smith` makes.
#[cfg(test)]
mod smith;

/// Numbers from a seed.
#[cfg(test)]
mod dice;

/// Thousands of guests before the oracles.
#[cfg(test)]
mod fuzz;

/// Recursion with frames of every size.
#[cfg(test)]
mod deep;

/// What ends a call that fuel does not end.
#[cfg(test)]
mod overdue;

/// A guest that tries everything at once.
#[cfg(test)]
mod hostile;

/// What must be noticed when it is switched off.
#[cfg(test)]
mod mutants;
