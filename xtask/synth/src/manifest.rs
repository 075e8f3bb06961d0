//! `dataset.toml`, by which a site knows the folder; written last, so it vouches for the rest.

use std::io::Write as _;
use std::path::Path;

use anyhow::Result;

use crate::generate::Options;
use crate::writer::PartFile;

/// Persons are published in steps of this many, as a site would.
const PUBLISHED_STEP: u64 = 100;

/// Writes `dataset.toml` for `tables` and `vocabulary` under its temporary name.
pub(crate) fn write(
    options: &Options,
    folder: &Path,
    tables: &[&str],
    vocabulary: &[&str],
) -> Result<PartFile> {
    let (part, mut file) = PartFile::create(folder, "dataset.toml")?;
    file.write_all(text(options, tables, vocabulary).as_bytes())?;
    Ok(part)
}

fn text(options: &Options, tables: &[&str], vocabulary: &[&str]) -> String {
    let Options { persons, seed, .. } = options;
    let published = match persons - persons % PUBLISHED_STEP {
        0 => *persons,
        rounded => rounded,
    };
    format!(
        "name = \"synthetic-{persons}-{seed}\"\n\
         title = \"Synthetic OMOP data: {persons} persons from seed {seed}\"\n\
         snapshot_date = \"2023-12-31\"\n\
         published_persons = {published}\n\
         synthetic = true\n\
         unit = {{ table = \"person\", key = \"person_id\" }}\n\
         \n[tables]\n{}\
         \n[vocabulary]\n{}",
        files(tables),
        files(vocabulary),
    )
}

fn files(tables: &[&str]) -> String {
    tables.iter().map(|table| format!("{table} = \"{table}.parquet\"\n")).collect()
}
