//! Write an analysis of one person; compile it to a guest that a Cloister host runs.

mod cells;
mod channel;
mod codes;
mod params;
mod rows;
mod values;

#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(not(target_arch = "wasm32"))]
mod person_rows;
#[cfg(not(target_arch = "wasm32"))]
mod trial;

// What an analysis reads.
pub use cloister_contract::date::{Date, NotADate};
pub use codes::{ConceptSet, TextSet};
pub use rows::{Row, Rows};
pub use values::{DateTime, Link, Number};

// What an analysis writes.
pub use channel::Contribution;

// The types of a study file.
pub use cloister_guest_macros::study;

/// What `study!` names in the code that it writes: no part of the SDK's promise.
#[doc(hidden)]
pub mod generated {
    pub use cloister_contract::frame::{InitFrame, PersonFrame, TableView};

    pub use crate::cells::{Bin, Dimension, Label, cell, label_of};
    pub use crate::channel::{Channel, Log};
    pub use crate::params::Param;
    pub use crate::rows::{Column, Field};

    #[cfg(target_arch = "wasm32")]
    pub use crate::exports::{Guest, arena};
    #[cfg(not(target_arch = "wasm32"))]
    pub use crate::person_rows::PersonRows;
    #[cfg(not(target_arch = "wasm32"))]
    pub use crate::trial::{Trial, init_frame, wrong};
}
