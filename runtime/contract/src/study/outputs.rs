//! `[outputs]`: what is answered; every kind is a sum over persons that the host holds.

use super::walk::{Section, Value, listed};
use super::{BOUNDS, Dimension, EdgeSource, Param, StudyError, dimensions};
use crate::grid::Grid;

/// A declared output.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// What the host accumulates.
    pub kind: OutputKind,
    /// Positions of the dimensions whose product is its cells, the last one running fastest.
    pub by: Vec<usize>,
    /// Margins that the host makes: for each, the positions of dimensions that stay.
    pub totals: Vec<Vec<usize>>,
    /// The output whose persons are this one's denominator: by the same dimensions or fewer, so
    /// that each cell has the one whose labels it shares.
    pub of: Option<usize>,
    /// L0: the distinct cells of one person that count, the first in call order.
    pub cells_per_person: u32,
    /// The unit of its values, for people.
    pub unit: Option<String>,
}

/// What the host accumulates for an output.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputKind {
    /// Persons: a contribution moves a cell by exactly one.
    Count,
    /// Σx of one clamped x a person.
    Sum(Bounds),
    /// n, Σx and Σx² of one clamped x a person.
    Moments(Bounds),
    /// Persons per bin of x; the host finds the bin.
    Histogram {
        /// The bin edges.
        edges: EdgeSource,
        /// Whether one more bin, `other`, takes what is in none.
        other: bool,
    },
}

/// The bounds to which one person's value is clamped, in steps of the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Least value in grid steps.
    pub low: i64,
    /// Greatest value in grid steps.
    pub high: i64,
    /// The grid.
    pub grid: Grid,
}

const KINDS: &[&str] = &["count", "sum", "moments", "histogram"];
const LATER: &[&str] = &["vector", "risk_set", "survival"];

pub(super) fn outputs(
    root: &Section<'_>,
    dimensions: &[Dimension],
    params: &[Param],
) -> Result<Vec<Output>, StudyError> {
    let outputs = root.need("outputs", "[outputs]")?;
    let entries = outputs.section("[outputs]")?.named()?;
    if entries.is_empty() {
        return Err(outputs.error_at_name("the study has no output", "add one under `[outputs]`"));
    }
    let read = Reader { dimensions, params, names: entries.iter().map(|e| &*e.name).collect() };
    let outputs = entries.iter().map(|entry| read.output(entry));
    let outputs = outputs.collect::<Result<Vec<_>, _>>()?;
    for (entry, output) in entries.iter().zip(&outputs) {
        denominator(entry, output, &outputs)?;
    }
    Ok(outputs)
}

struct Reader<'r> {
    dimensions: &'r [Dimension],
    params: &'r [Param],
    names: Vec<&'r str>,
}

impl Reader<'_> {
    fn output(&self, entry: &Value<'_>) -> Result<Output, StudyError> {
        let section = entry.section(&format!("output `{}`", entry.name))?;
        let kind = self.kind(&section)?;
        let by = section.opt("by").map(|value| self.by(&value)).transpose()?.unwrap_or_default();
        let totals = match section.opt("totals") {
            None => Vec::new(),
            Some(value) => self.totals(&value, &by)?,
        };
        let of = section.opt("of").map(|v| v.one_of("output", self.names.iter().copied()));
        let cells = section.opt("cells_per_person").map(|value| value.int_in(1..=10_000_u32));
        let unit = section.opt("unit").map(|value| value.line(BOUNDS.name_chars_max));
        Ok(Output {
            name: entry.name.clone(),
            kind,
            by,
            totals,
            of: of.transpose()?,
            cells_per_person: cells.transpose()?.unwrap_or(1),
            unit: unit.transpose()?,
        })
    }

    fn kind(&self, section: &Section<'_>) -> Result<OutputKind, StudyError> {
        let kind = section.need("kind", "kind = \"count\"")?;
        let with = |more: &[&'static str]| {
            let mut fields = vec!["kind", "by", "totals", "cells_per_person"];
            fields.extend(more);
            section.only(&fields)
        };
        match kind.text()? {
            "count" => with(&["of"]).map(|()| OutputKind::Count),
            "sum" => {
                with(&["bounds", "grid", "unit"])?;
                let bounds = bounds(section)?;
                if bounds.high - bounds.low == 1 {
                    return Err(kind.error(
                        "a sum of two values counts persons",
                        "use kind = \"count\", whose rules are about persons",
                    ));
                }
                Ok(OutputKind::Sum(bounds))
            }
            "moments" => {
                with(&["bounds", "grid", "unit"])?;
                bounds(section).map(OutputKind::Moments)
            }
            "histogram" => {
                with(&["edges", "other", "unit"])?;
                let edges = section.need("edges", "edges = [0, 30, 90]")?;
                let other = section.opt("other").map(|value| value.bool()).transpose()?;
                Ok(OutputKind::Histogram {
                    edges: dimensions::edges(&edges, self.params)?,
                    other: other.unwrap_or(false),
                })
            }
            later if LATER.contains(&later) => Err(kind.error(
                format!("the kind `{later}` is not built yet"),
                format!("this version runs {}", listed(KINDS)),
            )),
            other => Err(kind.error(
                format!("there is no output kind `{}`", super::walk::printable(other)),
                format!("the kinds are {}", listed(KINDS)),
            )),
        }
    }

    fn by(&self, value: &Value<'_>) -> Result<Vec<usize>, StudyError> {
        let names = self.dimensions.iter().map(|dimension| dimension.name.as_str());
        distinct(value, |entry| entry.one_of("dimension", names.clone()))
    }

    fn totals(&self, value: &Value<'_>, by: &[usize]) -> Result<Vec<Vec<usize>>, StudyError> {
        let mut totals: Vec<Vec<usize>> = Vec::new();
        for entry in value.list()? {
            if !entry.is_list() {
                return Err(entry.wrong("an array of dimensions, as in `[[\"arm\"], []]`"));
            }
            let stay = self.by(&entry)?;
            if stay.len() >= by.len() || stay.iter().any(|dimension| !by.contains(dimension)) {
                return Err(entry.error(
                    "the total is not over fewer of the output's own dimensions",
                    "name some of those in `by`, or none: `totals = [[\"arm\"], []]`",
                ));
            }
            // One spelling for one margin: the order of `by`.
            let stay: Vec<_> = by.iter().copied().filter(|d| stay.contains(d)).collect();
            if totals.contains(&stay) {
                return Err(entry.error("the total is declared twice", "take one out"));
            }
            totals.push(stay);
        }
        Ok(totals)
    }
}

fn distinct(
    value: &Value<'_>,
    read: impl Fn(&Value<'_>) -> Result<usize, StudyError>,
) -> Result<Vec<usize>, StudyError> {
    let mut found = Vec::new();
    for entry in value.list()? {
        let position = read(&entry)?;
        if found.contains(&position) {
            return Err(entry.error("the dimension is named twice", "name it once"));
        }
        found.push(position);
    }
    Ok(found)
}

fn bounds(section: &Section<'_>) -> Result<Bounds, StudyError> {
    let value = section.need("grid", "grid = 1")?;
    let grid = Grid::new(value.float()?).ok_or_else(|| {
        let right = "write 1, 10, 100, 0.1, 0.01, … or 2, 4, 0.5, 0.25, …";
        value.error("the grid is not a power of two or ten", right)
    })?;
    let value = section.need("bounds", "bounds = [0, 100]")?;
    let ends = value.list()?;
    let [low, high] = &ends[..] else {
        return Err(value.error("the bounds are not two numbers", "write `bounds = [0, 100]`"));
    };
    let steps = |end: &Value<'_>| {
        let number = end.float()?;
        grid.exact_steps(number).ok_or_else(|| {
            let what = format!("the bound {number} is not a multiple of the grid {grid}");
            end.error(what, "move it to one, or choose a finer grid")
        })
    };
    let (low, high) = (steps(low)?, steps(high)?);
    let max = BOUNDS.grid_steps_max;
    if low >= high || high.checked_sub(low).is_none_or(|steps| steps > max) {
        let right = format!("the first must be below the second, by at most {max} grid steps");
        return Err(value.error("the bounds are not a range", right));
    }
    Ok(Bounds { low, high, grid })
}

/// `of` names a count over dimensions of the output's own, and not the output itself.
fn denominator(entry: &Value<'_>, output: &Output, all: &[Output]) -> Result<(), StudyError> {
    let Some(of) = output.of.and_then(|of| all.get(of)) else {
        return Ok(());
    };
    let fits = of.kind == OutputKind::Count
        && of.by.iter().all(|dimension| output.by.contains(dimension))
        && of.of.is_none()
        && of.name != output.name;
    if fits {
        return Ok(());
    }
    let place = entry.section(&format!("output `{}`", entry.name))?.opt("of");
    Err(place.as_ref().unwrap_or(entry).error(
        format!("`{}` cannot be the denominator of `{}`", of.name, output.name),
        "`of` names another output of kind `count`, by the same dimensions or fewer, with no `of`",
    ))
}
