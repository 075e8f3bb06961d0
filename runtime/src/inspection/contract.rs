//! A study's contract in words: for a researcher who writes it, and a custodian who reads it.

use cloister_contract::cells::values_max;
use cloister_contract::study::Study;

use super::words;
use crate::ledger::{Amounts, Limits, spend};
use crate::page::{Section, counted, grouped, numbers, words as column};
use crate::protect::{OpenRules, Volume, budget, total_volume, whole_bits};

/// What the study may be asked, reads and releases; with `volumes`, an entry per output.
pub(super) fn sections(study: &Study, volumes: &[Volume]) -> Vec<Section> {
    let mut sections = Vec::new();
    if !study.params.is_empty() {
        let params = study.params.iter().map(|param| (&*param.name, words::parameter(param)));
        sections.push(Section::new("may be asked with").facts(params));
    }
    if !study.codes.is_empty() {
        sections.push(Section::new("knows the codes").facts(codes(study)));
    }
    sections.push(reads(Section::new("reads, of each person"), study));
    sections.push(releases(study, volumes));
    sections
}

/// Each code set's name, and what is in it.
pub(crate) fn codes(study: &Study) -> impl Iterator<Item = (&str, String)> {
    study.codes.iter().map(|set| (&*set.name, words::codes(study, set)))
}

/// Each output's name, and what it counts or sums in which cells.
pub(crate) fn outputs(study: &Study) -> impl Iterator<Item = (&str, String)> {
    study.outputs.iter().map(|output| {
        let (what, by) = (words::what(study, output), words::by(study, output));
        (&*output.name, format!("{what}; by {by}"))
    })
}

/// Adds to `section` which columns of which rows the study reads.
pub(crate) fn reads(section: Section, study: &Study) -> Section {
    let rows = study.tables.iter().map(|table| {
        let from = if table.from == table.name {
            String::new()
        } else {
            format!(" (from {})", table.from)
        };
        let rows = words::rows(study, table);
        vec![format!("{}{from}", table.name), words::columns(table), rows]
    });
    section.table(&[column("table"), column("columns"), column("rows")], rows)
}

fn releases(study: &Study, volumes: &[Volume]) -> Section {
    let mut head =
        vec![column("output"), column("what"), column("by"), numbers("cells"), numbers("numbers")];
    let bits = volumes.iter().all(|volume| volume.bits.is_some());
    if bits {
        head.push(numbers("bits"));
    }
    let rows = study.outputs.iter().zip(volumes).map(|(output, volume)| {
        let mut row = vec![output.name.clone(), words::what(study, output)];
        row.push(words::by(study, output));
        row.extend([grouped(volume.cells), grouped(volume.numbers)]);
        row.extend(volume.bits.map(whole));
        row
    });
    let mut section = Section::new("releases")
        .words(&format!("at most {}", at_most(&total_volume(volumes))))
        .table(&head, rows);
    if !study.dimensions.is_empty() {
        let rows = study.dimensions.iter().map(|dimension| {
            let count = values_max(study, dimension).unwrap_or_default() as u64;
            let values = words::values(study, dimension);
            vec![dimension.name.clone(), values, grouped(count)]
        });
        section = section
            .heading("dimensions")
            .table(&[column("dimension"), column("values"), numbers("how many")], rows);
    }
    section
}

/// `28 cells, 32 numbers, 291 bits`.
pub(super) fn at_most(volume: &Volume) -> String {
    let mut line = counted(volume.cells, "cell", "cells");
    line += &format!(", {}", counted(volume.numbers, "number", "numbers"));
    if let Some(bits) = volume.bits {
        line += &format!(", {} bits", whole(bits));
    }
    line
}

/// What a job may cost of what its study may spend, and whether a site would refuse it for that.
pub(super) fn charged(volume: &Volume, limits: &Limits) -> String {
    let bits = volume.bits.unwrap_or(f64::MAX);
    let asked = Amounts { scalars: volume.numbers, bits: whole_bits(bits), jobs: 1 };
    let allowed = limits.account;
    let of = |asked, allowed| format!("{} of {}", grouped(asked), grouped(allowed));
    let (numbers, bits) = (of(asked.scalars, allowed.scalars), of(asked.bits, allowed.bits));
    let line = format!("a job at most {numbers} numbers and {bits} bits of its study's life");
    match spend(Amounts::default(), asked, limits) {
        Ok(_) => line,
        Err(_) => line + "; a site would refuse it, so release fewer or coarser cells",
    }
}

/// What a job in the tier `open` costs the persons, of what they can bear in a year.
pub(super) fn charged_open(open: &OpenRules) -> String {
    let [job, year] = [open.rho_of_job(), open.rho_of_year()].map(budget::in_ones);
    let (of_job, of_year) = (open.epsilon_per_job, open.epsilon_per_person_and_year);
    format!(
        "a job ρ = {job:.6} (ε = {of_job}) of the {year:.6} (ε = {of_year}) that all such jobs \
         over the same persons may cost in a year, at δ = {:e}",
        open.delta
    )
}

/// Bits as a whole number, never too few.
fn whole(bits: f64) -> String {
    grouped(whole_bits(bits))
}

/// What the study may do for each person.
pub(super) fn powers(study: &Study) -> Section {
    let kib = u64::from(study.limits.memory_pages) * 64;
    Section::new("may do, for each person").list([
        "`contribute(output, cell, value)`: its only import, so its only power; no clock, no \
         randomness, no files, no network, no log"
            .to_owned(),
        format!(
            "use {} units of fuel; who needs more contributes nothing",
            grouped(study.limits.fuel)
        ),
        format!("use {} KiB of memory, pristine for every person", grouped(kib)),
    ])
}

/// What the contract means for people, beyond its lines.
pub(super) fn follows(study: &Study) -> Section {
    let mut lines = vec![
        "nothing is read of a person but the columns above; no site gives its unit key".to_owned(),
    ];
    for table in &study.tables {
        let hidden = hidden_filters(table).join(", ");
        if !hidden.is_empty() {
            lines.push(format!("the site filters {} by {hidden}, which stays unseen", table.name));
        }
        if table.optional {
            let name = &table.name;
            lines.push(format!("at a site without {}, {name} is empty", table.from));
        }
    }
    for output in &study.outputs {
        if output.cells_per_person > 1 {
            let (name, cells) = (&output.name, output.cells_per_person);
            lines.push(format!("one person counts in at most {cells} cells of {name}"));
        }
        if let Some(of) = output.of.and_then(|at| study.outputs.get(at)) {
            let name = &output.name;
            lines.push(format!("who is not in a cell of {} is not in that of {name}", of.name));
        }
    }
    let unset = study.params.iter().filter(|param| words::default(&param.kind).is_none());
    lines.extend(unset.map(|param| format!("a run must set `{}`", param.name)));
    lines.push("a person whose call fails contributes nothing, and nobody is told".to_owned());
    lines.push("which cells are shown, the site's profile decides".to_owned());
    Section::new("what follows from it").list(lines)
}

/// The columns by which a table is filtered and that the guest does not see.
pub(super) fn hidden_filters(table: &cloister_contract::study::Table) -> Vec<&str> {
    let undeclared = |name: &&str| table.columns.iter().all(|column| column.name != *name);
    let filters = table.filters.iter().map(|filter| filter.column.as_str());
    filters.filter(undeclared).collect()
}

/// Everything that the study file says, each under a name that two versions share.
pub(super) fn entries(study: &Study) -> Vec<(String, String)> {
    let mut entries = vec![
        ("name".to_owned(), study.name.clone()),
        ("version".to_owned(), study.version.clone()),
        ("title".to_owned(), study.title.clone()),
        ("purpose".to_owned(), study.purpose.clone()),
        ("fuel".to_owned(), grouped(study.limits.fuel)),
        ("memory".to_owned(), format!("{} KiB", u64::from(study.limits.memory_pages) * 64)),
    ];
    let mut add = |what: &str, name: &str, words: String| {
        entries.push((format!("{what} {name}"), words));
    };
    for param in &study.params {
        add("parameter", &param.name, words::parameter(param));
    }
    for (name, words) in codes(study) {
        add("codes", name, words);
    }
    for table in &study.tables {
        let rows = words::rows(study, table);
        add("table", &table.name, format!("from {}; {rows}", table.from));
        for one in &table.columns {
            let name = format!("{}.{}", table.name, one.name);
            add("column", &name, words::column(&one.kind));
        }
    }
    for dimension in &study.dimensions {
        add("dimension", &dimension.name, words::values(study, dimension));
    }
    for (name, words) in outputs(study) {
        add("output", name, words);
    }
    entries
}
