//! Reads the file section by section, then checks what holds between sections.

use toml::de::DeTable;

use super::walk::{Section, Source};
use super::{BOUNDS, Study, StudyError, codes, dimensions, header, outputs, params, tables};
use crate::abi;

pub(super) fn study(file: &str, text: &str) -> Result<Study, StudyError> {
    let source = Source { file, text };
    if text.len() > BOUNDS.file_bytes_max {
        let what = format!("the study file has {} bytes", text.len());
        return Err(source.error(0..0, what, format!("at most {} fit", BOUNDS.file_bytes_max)));
    }
    let table = DeTable::parse(text).map_err(|error| {
        let what = error.message().lines().collect::<Vec<_>>().join(", ");
        source.error(error.span().unwrap_or_default(), what, "write the file as TOML 1.0")
    })?;
    let root = Section::root(source, &table);
    if let Some(rounds) = root.opt("rounds") {
        return Err(rounds.error_at_name("rounds are not built yet", "take `[rounds]` out"));
    }
    let sections = ["study", "params", "codes", "tables", "dimensions", "outputs", "limits"];
    root.only(&sections)?;
    let header = header::header(&root)?;
    let params = params::params(&root)?;
    let codes = codes::codes(&root, &params)?;
    let tables = tables::tables(&root, &codes)?;
    let dimensions = dimensions::dimensions(&root, &params)?;
    let outputs = outputs::outputs(&root, &dimensions, &params)?;
    let limits = header::limits(&root)?;
    let study = Study {
        name: header.name,
        version: header.version,
        title: header.title,
        purpose: header.purpose,
        params,
        codes,
        tables,
        dimensions,
        outputs,
        limits,
    };
    if crate::cells::cells_max(&study).is_err() {
        let what = format!("the outputs can have more than {} cells", BOUNDS.cells_max);
        return Err(root
            .need("outputs", "[outputs]")?
            .error_at_name(what, "use fewer or coarser dimensions"));
    }
    frame_fits(&root, &study)?;
    Ok(study)
}

/// The mistakes that can be told at once: the first of each section, or the only one if that is of
/// the whole file. A section that names things of another waits until that one is right.
pub(super) fn mistakes(file: &str, text: &str) -> Vec<StudyError> {
    let Err(first) = study(file, text) else { return Vec::new() };
    let parsed = Some(text).filter(|text| text.len() <= BOUNDS.file_bytes_max).map(DeTable::parse);
    let Some(Ok(table)) = parsed else { return vec![first] };
    let root = Section::root(Source { file, text }, &table);
    let mut found = Vec::new();
    keep(header::header(&root), &mut found);
    if let Some(params) = keep(params::params(&root), &mut found) {
        if let Some(codes) = keep(codes::codes(&root, &params), &mut found) {
            keep(tables::tables(&root, &codes), &mut found);
        }
        if let Some(dimensions) = keep(dimensions::dimensions(&root, &params), &mut found) {
            keep(outputs::outputs(&root, &dimensions, &params), &mut found);
        }
    }
    keep(header::limits(&root), &mut found);
    if found.contains(&first) { found } else { vec![first] }
}

fn keep<T>(read: Result<T, StudyError>, found: &mut Vec<StudyError>) -> Option<T> {
    read.map_err(|mistake| found.push(mistake)).ok()
}

/// A person's frame may take half of the guest's memory: the rest is for its own work.
fn frame_fits(root: &Section<'_>, study: &Study) -> Result<(), StudyError> {
    let frame = crate::frame::person_frame_bytes_max(study) as u64;
    let memory = u64::from(study.limits.memory_pages) * abi::PAGE_BYTES;
    if frame * 2 <= memory {
        return Ok(());
    }
    let pages = (frame * 2).div_ceil(abi::PAGE_BYTES);
    let right = if pages <= u64::from(BOUNDS.memory_pages_max) {
        format!("write `memory_pages = {pages}` under `[limits]`, or lower `rows_max`")
    } else {
        "lower `rows_max`, or declare fewer columns".to_owned()
    };
    let what = format!("one person's rows can take {frame} bytes, over half of the memory");
    Err(root.opt("tables").map_or_else(
        || root.error(what.clone(), right.clone()),
        |tables| tables.error_at_name(what.clone(), right.clone()),
    ))
}
