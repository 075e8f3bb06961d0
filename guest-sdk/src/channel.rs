//! The one way out of a guest: `cloister.contribute`. Natively a list takes its place.

/// A contribution as the host gets it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution {
    /// Position of the output in the study file.
    pub output: i32,
    /// Number of the cell in the product of the output's dimensions, the last running fastest.
    pub cell: i64,
    /// The value; 1 for a count.
    pub value: f64,
}

pub use way_out::{Channel, Log};

#[cfg(target_arch = "wasm32")]
mod way_out {
    //! In a guest: straight to the host.

    use core::marker::PhantomData;

    #[expect(unsafe_code, reason = "an import's type is a promise; `ABI.md` makes this one")]
    #[link(wasm_import_module = "cloister")]
    unsafe extern "C" {
        safe fn contribute(output: i32, cell: i64, value: f64);
    }

    /// Nothing: the host keeps the list.
    #[derive(Debug, Default)]
    pub struct Log;

    /// The contributions to one output.
    #[derive(Debug)]
    pub struct Channel<T> {
        output: i32,
        typed: PhantomData<T>,
    }

    impl<T> Channel<T> {
        /// The way to the output at position `output`.
        #[must_use]
        pub const fn new(output: i32, _: &Log) -> Self {
            Self { output, typed: PhantomData }
        }

        /// Contributes `value` to `cell`.
        pub fn add(&mut self, cell: i64, value: f64, _: T) {
            contribute(self.output, cell, value);
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod way_out {
    //! Natively: into a list, for tests.

    use std::cell::RefCell;
    use std::rc::Rc;

    use super::Contribution;

    /// The contributions to all outputs, in call order.
    #[derive(Clone, Debug, Default)]
    pub struct Log(Rc<RefCell<Vec<Contribution>>>);

    impl Log {
        /// Takes the list.
        #[must_use]
        pub fn take(&self) -> Vec<Contribution> {
            self.0.take()
        }
    }

    /// The contributions to one output.
    #[derive(Clone, Debug)]
    pub struct Channel<T> {
        output: i32,
        log: Log,
        seen: Vec<T>,
    }

    impl<T> Channel<T> {
        /// The way to the output at position `output`.
        #[must_use]
        pub fn new(output: i32, log: &Log) -> Self {
            Self { output, log: log.clone(), seen: Vec::new() }
        }

        /// Contributes `value` to `cell`; `typed` is what the study gave.
        pub fn add(&mut self, cell: i64, value: f64, typed: T) {
            self.log.0.borrow_mut().push(Contribution { output: self.output, cell, value });
            self.seen.push(typed);
        }

        /// What the study gave, in call order.
        #[must_use]
        pub fn seen(self) -> Vec<T> {
            self.seen
        }
    }
}
