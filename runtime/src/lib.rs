//! The site host of Cloister.

pub mod dataset;
