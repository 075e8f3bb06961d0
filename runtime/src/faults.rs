//! Mechanisms of the host that the red team switches off, one by one, to see its attacks succeed.
//!
//! Without the feature `faults`, which no release has, there is nothing to switch: [`off`] is
//! false, and the compiler leaves out what asks. With it, the variable `CLOISTER_FAULTS` names
//! what is off, as `broken-by` does in `tests/red-team`, and children are told the same.

/// One mechanism of the host; those of the sandbox are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mechanism {
    /// All that a person contributes to a cell is added up before it is clamped.
    SumPerPerson,
    /// What a person moves a cell by is clamped to the bounds.
    Clamp,
    /// Adding up one person's values ends at 64 bits in place of wrapping.
    Saturation,
    /// A value is rounded to the nearest step of the grid.
    Grid,
    /// A value that is not finite is no contribution.
    Finite,
    /// A count takes one step, whatever the value.
    CountIgnoresValue,
    /// A person enters as many cells of an output as the study declares, and no more.
    CellsPerPerson,
    /// Who contributes to an output or cell that is not there contributes nothing.
    DeclaredCells,
    /// A parent refuses cells that no persons could have made.
    #[cfg(feature = "faults")]
    SoundCells,
    /// A shown cell has enough persons.
    ThresholdPersons,
    /// A shown sum has enough persons with a value other than zero.
    ThresholdNonzero,
    /// A shown sum has enough persons with a value other than either bound.
    ThresholdAtBounds,
    /// No one or two persons make up a shown sum.
    Dominance,
    /// A shown part leaves enough persons of its whole.
    GroupDisclosure,
    /// The persons of a shown sum have several values.
    OneValue,
    /// What is shown of a sum does not tell how many persons it has.
    PersonsOfSums,
    /// Shown sets of a job do not differ in a few persons.
    NestedSets,
    /// What is shown differs from what earlier releases showed in nobody, or in enough persons.
    EarlierReleases,
    /// Further cells are withheld, so that no withheld number can be bracketed.
    Complement,
    /// Few persons release nothing.
    PopulationMin,
    /// Numbers are off by what only the site knows, where a profile wants it.
    Noise,
    /// Numbers are shown as aligned intervals.
    Rounding,
    /// Zero, small and every other reason to withhold are one word.
    OneWord,
    /// Cells stand in the study file's order.
    CanonicalOrder,
    /// The plan of a view is checked.
    ViewPlan,
    /// A dataset with a key twice is not registered.
    KeyRegisteredOnce,
    /// A key that comes twice ends a run.
    KeyOnce,
    /// No study reads the unit key, or what the site withholds.
    WithheldColumns,
    /// Over patients' data a value that does not fit leaves the person out, and ends no run.
    UnfitValues,
    /// A job has no more cells than its profile allows.
    CellsOfProfile,
    /// Exact numbers are for synthetic and public data.
    ExactForSynthetic,
    /// A signature is about the module's bytes.
    SignedBytes,
    /// No person's signature counts twice.
    Distinct,
    /// What no policy of the site permits does not run.
    Policies,
    /// A study spends no more than its profile allows.
    LedgerLimits,
    /// Noise is as wide as the job's ρ asks for.
    NoiseScale,
    /// Noise is for all cells that one person can be in.
    NoiseCells,
    /// Noise of a sum is for the whole range of one person's value.
    NoiseGrid,
    /// Noise of a sum of squares is for the square of that range.
    NoiseSquares,
    /// In the tier `open` no exact number decides what is shown.
    NoisedFirst,
    /// Keys, that of noise among them, are made of what only the site knows.
    SiteSecret,
    /// Over patients' data a release waits for its instant.
    Held,
    /// A job is one of a dataset and its epoch: over others it is another job.
    JobOfData,
    /// Where registered data were asked, no others are.
    StaysRegistered,
    /// Those have signed a module whom the profile wants.
    Signatures,
    /// The note of a registered dataset has random bits, which nobody can guess.
    SnapshotSecret,
}

/// Whether `mechanism` is switched off.
#[cfg(not(feature = "faults"))]
pub(crate) const fn off(_mechanism: Mechanism) -> bool {
    false
}

#[cfg(feature = "faults")]
pub use chosen::choose;
#[cfg(all(test, feature = "faults"))]
pub(crate) use chosen::without;
#[cfg(feature = "faults")]
pub(crate) use chosen::{off, pass_on};

/// What is switched off in this process.
#[cfg(feature = "faults")]
mod chosen {
    use std::env;
    use std::process::Command;
    use std::sync::OnceLock;

    use super::Mechanism as M;

    const VARIABLE: &str = "CLOISTER_FAULTS";

    const NAMES: [(&str, M); 46] = [
        ("sum-per-person", M::SumPerPerson),
        ("clamp", M::Clamp),
        ("saturation", M::Saturation),
        ("grid", M::Grid),
        ("finite", M::Finite),
        ("count-ignores-value", M::CountIgnoresValue),
        ("cells-per-person", M::CellsPerPerson),
        ("declared-cells", M::DeclaredCells),
        ("sound-cells", M::SoundCells),
        ("threshold-persons", M::ThresholdPersons),
        ("threshold-nonzero", M::ThresholdNonzero),
        ("threshold-at-bounds", M::ThresholdAtBounds),
        ("dominance", M::Dominance),
        ("group-disclosure", M::GroupDisclosure),
        ("one-value", M::OneValue),
        ("persons-of-sums", M::PersonsOfSums),
        ("nested-sets", M::NestedSets),
        ("earlier-releases", M::EarlierReleases),
        ("complement", M::Complement),
        ("population-min", M::PopulationMin),
        ("noise", M::Noise),
        ("rounding", M::Rounding),
        ("one-word", M::OneWord),
        ("canonical-order", M::CanonicalOrder),
        ("view-plan", M::ViewPlan),
        ("key-registered-once", M::KeyRegisteredOnce),
        ("key-once", M::KeyOnce),
        ("withheld-columns", M::WithheldColumns),
        ("unfit-values", M::UnfitValues),
        ("cells-of-profile", M::CellsOfProfile),
        ("exact-for-synthetic", M::ExactForSynthetic),
        ("signed-bytes", M::SignedBytes),
        ("distinct", M::Distinct),
        ("policies", M::Policies),
        ("ledger-limits", M::LedgerLimits),
        ("noise-scale", M::NoiseScale),
        ("noise-cells", M::NoiseCells),
        ("noise-grid", M::NoiseGrid),
        ("noise-squares", M::NoiseSquares),
        ("noised-first", M::NoisedFirst),
        ("site-secret", M::SiteSecret),
        ("held", M::Held),
        ("job-of-data", M::JobOfData),
        ("stays-registered", M::StaysRegistered),
        ("signatures", M::Signatures),
        ("snapshot-secret", M::SnapshotSecret),
    ];

    static OFF: OnceLock<Vec<M>> = OnceLock::new();

    /// Runs `work` with `mechanism` off, in this thread alone: for tests that look at several.
    #[cfg(test)]
    pub(crate) fn without<T>(mechanism: M, work: impl FnOnce() -> T) -> T {
        OFF_HERE.set(Some(mechanism));
        let done = work();
        OFF_HERE.set(None);
        done
    }

    #[cfg(test)]
    thread_local! {
        static OFF_HERE: std::cell::Cell<Option<M>> = const { std::cell::Cell::new(None) };
    }

    /// Whether `mechanism` is switched off in this process.
    pub(crate) fn off(mechanism: M) -> bool {
        #[cfg(test)]
        if OFF_HERE.get() == Some(mechanism) {
            return true;
        }
        OFF.get().is_some_and(|off| off.contains(&mechanism))
    }

    /// Switches off what the environment names; the first thing that a process does.
    ///
    /// # Errors
    /// The name that is none.
    pub fn choose() -> Result<(), String> {
        let names = env::var(VARIABLE).unwrap_or_default();
        let (mut host, mut sandbox) = (Vec::new(), Vec::new());
        for name in names.split(',').filter(|name| !name.is_empty()) {
            let own = NAMES.iter().find(|(known, _)| *known == name);
            match (own, cloister_sandbox::Mechanism::named(name)) {
                (Some((_, mechanism)), _) => host.push(*mechanism),
                (None, Some(mechanism)) => sandbox.push(mechanism),
                (None, None) => return Err(name.to_owned()),
            }
        }
        cloister_sandbox::Faults::without(&sandbox).choose();
        // A process chooses once.
        let _ = OFF.set(host);
        Ok(())
    }

    /// Tells a child the same.
    pub(crate) fn pass_on(child: &mut Command) {
        child.envs(env::var_os(VARIABLE).map(|names| (VARIABLE, names)));
    }
}
