//! Drafts for tests: persons say things, and the host's own accumulation makes cells of it.

use cloister_contract::cells::Layout;
use cloister_contract::job::{Job, Params};
use cloister_contract::partial::PartialCells;
use cloister_contract::study::Study;
use cloister_sandbox::Contribution;

use super::NoiseKey;
use super::exact::Exact;
use crate::run::{Accumulator, CellCaps, DigestKey};

/// What a study begins with, before its dimensions and outputs.
const HEAD: &str = "[study]\nname = \"x\"\nversion = \"1.0.0\"\ntitle = \"x\"\n\
                    purpose = \"statistics\"\n[tables.person]\ncolumns = { a = \"int\" }\n";

/// A draft as protection sees it.
pub(super) struct Sample {
    job: Job,
    pub(super) layout: Layout,
    pub(super) partial: PartialCells,
    pub(super) published: u64,
    pub(super) noise: NoiseKey,
}

impl Sample {
    /// What `persons` make by their contributions of (output, cell, value) to the outputs of
    /// `study`, its dimensions and outputs.
    pub(super) fn new(study: &str, published: u64, persons: &[Vec<(i32, i64, f64)>]) -> Self {
        let caps = CellCaps { per_output: 10_000, per_job: 10_000 };
        Self::capped(study, published, persons, caps)
    }

    /// The same with a profile's `caps`.
    pub(super) fn capped(
        study: &str,
        published: u64,
        persons: &[Vec<(i32, i64, f64)>],
        caps: CellCaps,
    ) -> Self {
        let study = Study::parse("study.toml", &format!("{HEAD}{study}")).unwrap();
        let params = Params::bind(&study, &[]).unwrap();
        let layout = Layout::new(&study, &params).unwrap();
        let job = Job::without_vocabulary(study, params, "2020-01-01".parse().unwrap());
        let mut accumulator = Accumulator::new(&job, &layout, caps, DigestKey::default());
        for (at, says) in persons.iter().enumerate() {
            let says = says.iter();
            let says: Vec<_> =
                says.map(|&(output, cell, value)| Contribution { output, cell, value }).collect();
            accumulator.commit(&at.to_le_bytes(), &says).unwrap();
        }
        let partial = accumulator.finish();
        Self { job, layout, partial, published, noise: NoiseKey::default() }
    }

    /// As the rules see it.
    pub(super) fn exact(&self) -> Exact<'_> {
        Exact {
            outputs: &self.job.study().outputs,
            layout: &self.layout,
            cells: &self.partial.cells,
            population: self.partial.population,
            published: self.published,
            noise: &self.noise,
        }
    }
}
