//! `[study]` and `[limits]`: who asks, what for, and what a person may cost.

use super::walk::{Section, Value, listed};
use super::{BOUNDS, StudyError};

/// The purposes for which health data may be used, EHDS Regulation (EU) 2025/327, Art. 53(1),
/// letters a to f.
pub const PURPOSES: &[&str] = &[
    "public-health",
    "policy-making",
    "statistics",
    "education",
    "scientific-research",
    "care-improvement",
];

/// What one person may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fuel for one person, in the engine's units; a person who needs more contributes nothing.
    pub fuel: u64,
    /// Pages of 64 KiB that the guest's memory may have.
    pub memory_pages: u32,
}

pub(super) struct Header {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) title: String,
    pub(super) purpose: String,
}

pub(super) fn header(root: &Section<'_>) -> Result<Header, StudyError> {
    let study = root.need("study", "[study]")?.section("[study]")?;
    study.only(&["name", "version", "title", "purpose"])?;
    Ok(Header {
        name: study_name(&study.need("name", "name = \"my-study\"")?)?,
        version: version(&study.need("version", "version = \"1.0.0\"")?)?,
        title: study
            .need("title", "title = \"what the study asks\"")?
            .line(BOUNDS.title_chars_max)?,
        purpose: purpose(&study.need("purpose", "purpose = \"scientific-research\"")?)?,
    })
}

fn study_name(value: &Value<'_>) -> Result<String, StudyError> {
    let name = value.text()?;
    let fits = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= BOUNDS.name_chars_max
        && !name.ends_with('-')
        && !name.contains("--")
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    fits.then(|| name.to_owned()).ok_or_else(|| {
        value.error("the study's name is not in kebab-case", "write it as `gi-bleed`")
    })
}

fn version(value: &Value<'_>) -> Result<String, StudyError> {
    let version = value.text()?;
    let parts: Vec<_> = version.split('.').collect();
    let number = |part: &&str| {
        (1..=6).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_digit())
            && (part.len() == 1 || !part.starts_with('0'))
    };
    (parts.len() == 3 && parts.iter().all(number))
        .then(|| version.to_owned())
        .ok_or_else(|| value.error("the version is not three numbers", "write it as `\"1.0.0\"`"))
}

fn purpose(value: &Value<'_>) -> Result<String, StudyError> {
    let purpose = value.text()?;
    PURPOSES.contains(&purpose).then(|| purpose.to_owned()).ok_or_else(|| {
        value.error(
            "the purpose is not one that EHDS Art. 53 allows",
            format!("the purposes are {}", listed(PURPOSES)),
        )
    })
}

pub(super) fn limits(root: &Section<'_>) -> Result<Limits, StudyError> {
    let mut limits = Limits { fuel: 1_000_000, memory_pages: 32 };
    if let Some(value) = root.opt("limits") {
        let section = value.section("[limits]")?;
        section.only(&["fuel", "memory_pages"])?;
        if let Some(fuel) = section.opt("fuel") {
            limits.fuel = fuel.int_in(1_000..=BOUNDS.fuel_max)?;
        }
        if let Some(pages) = section.opt("memory_pages") {
            limits.memory_pages = pages.int_in(1..=BOUNDS.memory_pages_max)?;
        }
    }
    Ok(limits)
}
