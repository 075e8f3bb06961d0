//! Deterministic OMOP-like Parquet of any size, with the traps of real data built in.
//!
//! A person's rows follow from (seed, person index) and nothing else, so a folder can be made again
//! anywhere. The way of the data: `generate` walks the persons in an `order`, lets each `life`
//! throw its `dice`, and hands the rows to one `writer` per table of `tables`.

mod calendar;
mod codes;
mod dice;
mod exposure;
mod generate;
mod hospital;
mod life;
mod manifest;
mod order;
mod tables;
mod vocabulary;
mod writer;

pub use generate::{Options, Progress, Summary, generate, generate_with};
