//! The study file: the whole contract of a study on one page, which a data custodian can read.
//!
//! [`Study::parse`] is the only way to make a [`Study`]: it validates and bounds everything, and
//! each mistake names its line and column. The file is data: nothing in it is executed.

mod codes;
mod columns;
mod dimensions;
mod error;
mod header;
mod limits;
mod names;
mod outputs;
mod params;
mod parse;
mod tables;
mod walk;

pub use codes::{CodeSet, Codes, ConceptSource, ConceptSpec, TextCodes};
pub use columns::{Column, ColumnType};
pub use dimensions::{Dimension, Domain, EdgeSource};
pub use error::StudyError;
pub use header::{Limits, PURPOSES};
pub use limits::{BOUNDS, StudyBounds};
pub use names::{camel_case, is_name, is_unprintable};
pub use outputs::{Bounds, Output, OutputKind};
pub use params::{Param, ParamKind};
pub use tables::{Filter, Keep, Table};
pub(crate) use walk::printable;

/// A study file, parsed and validated.
#[derive(Clone, Debug)]
pub struct Study {
    /// The study's name, in kebab-case.
    pub name: String,
    /// The study's version, as its author counts.
    pub version: String,
    /// One line for people.
    pub title: String,
    /// The purpose, one of [`PURPOSES`] (EHDS Regulation, Art. 53).
    pub purpose: String,
    /// What a run may set.
    pub params: Vec<Param>,
    /// Public vocabulary that the host resolves.
    pub codes: Vec<CodeSet>,
    /// What is read of a person.
    pub tables: Vec<Table>,
    /// What cells are made of.
    pub dimensions: Vec<Dimension>,
    /// What is answered.
    pub outputs: Vec<Output>,
    /// What a person may cost.
    pub limits: Limits,
}

impl Study {
    /// Reads a study file; `file` is its name in errors.
    ///
    /// # Errors
    /// The first mistake, with its place, what is wrong and what would be right.
    pub fn parse(file: &str, text: &str) -> Result<Self, StudyError> {
        parse::study(file, text)
    }

    /// The mistakes of a study file that can be told at once, in the order in which its sections
    /// are read; none if [`Study::parse`] reads it.
    #[must_use]
    pub fn mistakes(file: &str, text: &str) -> Vec<StudyError> {
        parse::mistakes(file, text)
    }

    /// The position of the parameter `name`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<usize> {
        self.params.iter().position(|param| param.name == name)
    }
}
