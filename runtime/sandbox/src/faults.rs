//! Mechanisms that a test can switch off, one by one, to see that the suite notices each.
//!
//! Without the feature `faults`, which no release has, every mechanism works and [`Faults`] is
//! empty: there is nothing to select, when the program is built or later.
#![cfg_attr(
    not(feature = "faults"),
    expect(unreachable_pub, reason = "what is public with the feature is private without")
)]

macro_rules! mechanisms {
    ($( #[$doc:meta] $name:ident, )*) => {
        /// One mechanism of the sandbox.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mechanism {
            $( #[$doc] $name, )*
        }

        #[cfg(feature = "faults")]
        impl Mechanism {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

mechanisms! {
    /// The mark before `i32.store`, as each of the following for its instruction.
    I32Store,
    /// `i32.store8`.
    I32Store8,
    /// `i32.store16`.
    I32Store16,
    /// `i64.store`.
    I64Store,
    /// `i64.store8`.
    I64Store8,
    /// `i64.store16`.
    I64Store16,
    /// `i64.store32`.
    I64Store32,
    /// `f32.store`.
    F32Store,
    /// `f64.store`.
    F64Store,
    /// `v128.store`.
    V128Store,
    /// `v128.store8_lane`.
    V128Store8Lane,
    /// `v128.store16_lane`.
    V128Store16Lane,
    /// `v128.store32_lane`.
    V128Store32Lane,
    /// `v128.store64_lane`.
    V128Store64Lane,
    /// `memory.fill`.
    MemoryFill,
    /// `memory.copy`.
    MemoryCopy,
    /// A person's call starts with the globals of after init.
    Twins,
    /// The same of the memory's size, which is a global.
    SizeTwin,
    /// Calls have a depth that ends long before the native stack does.
    DepthLimit,
    /// The arena lies within the memory as the guest has grown it.
    ArenaCheck,
    /// Marked granules are restored.
    Restore,
    /// And the one behind each.
    SecondGranule,
    /// The input is zeroed.
    InputZeroing,
    /// The contributions of one person are not there for the next.
    BufferReset,
    /// Every person has the same fuel.
    FuelReset,
    /// An instance that trapped is not used again.
    ThrowAway,
    /// Some calls' whole memory is compared with what it should be.
    Comparison,
    /// The engine gives every NaN of arithmetic the same bits.
    OneNan,
    /// A call has the fuel of the study, and no more.
    Fuel,
    /// What a call contributed stands only if it returns.
    Commit,
    /// A call that contributes more often than there is room for traps.
    ContributionsCap,
    /// Nothing is contributed before there is a person.
    InitIsSilent,
    /// A module has one study file.
    OneStudySection,
    /// A module imports nothing but `cloister.contribute`.
    Imports,
    /// A module has no more of anything than its limits allow.
    ModuleLimits,
    /// A module has nothing that could not be undone.
    Resettable,
    /// Text from a module is made safe before it is printed.
    Printable,
}

/// What is switched off: of a release, nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    #[cfg(feature = "faults")]
    off: u64,
}

impl Faults {
    /// Everything works.
    pub(crate) const NONE: Self = Self {
        #[cfg(feature = "faults")]
        off: 0,
    };

    /// What this process has chosen: nothing.
    #[cfg(not(feature = "faults"))]
    pub(crate) const fn chosen() -> Self {
        Self::NONE
    }

    /// Whether `mechanism` works.
    #[cfg(not(feature = "faults"))]
    #[expect(clippy::unused_self, reason = "with the feature it has something to look at")]
    pub(crate) const fn works(self, _mechanism: Mechanism) -> bool {
        true
    }
}

/// The mechanisms that a whole run can do without, by the names that `tests/red-team` gives them.
#[cfg(feature = "faults")]
const NAMES: [(&str, Mechanism); 23] = [
    ("mark-fill", Mechanism::MemoryFill),
    ("mark-copy", Mechanism::MemoryCopy),
    ("mark-lane", Mechanism::V128Store16Lane),
    ("globals", Mechanism::Twins),
    ("growth", Mechanism::SizeTwin),
    ("depth", Mechanism::DepthLimit),
    ("arena", Mechanism::ArenaCheck),
    ("restore", Mechanism::Restore),
    ("restore-next", Mechanism::SecondGranule),
    ("input-zeroing", Mechanism::InputZeroing),
    ("buffer-reset", Mechanism::BufferReset),
    ("fuel-reset", Mechanism::FuelReset),
    ("comparison", Mechanism::Comparison),
    ("nan-canonicalisation", Mechanism::OneNan),
    ("fuel", Mechanism::Fuel),
    ("commit", Mechanism::Commit),
    ("contributions-cap", Mechanism::ContributionsCap),
    ("init-is-silent", Mechanism::InitIsSilent),
    ("one-study-section", Mechanism::OneStudySection),
    ("imports", Mechanism::Imports),
    ("module-limits", Mechanism::ModuleLimits),
    ("resettable", Mechanism::Resettable),
    ("printable", Mechanism::Printable),
];

/// What this process has chosen to switch off.
#[cfg(feature = "faults")]
static CHOSEN: std::sync::OnceLock<Faults> = std::sync::OnceLock::new();

#[cfg(feature = "faults")]
impl Mechanism {
    /// The mechanism of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, mechanism)| *mechanism)
    }
}

#[cfg(feature = "faults")]
impl Faults {
    /// Switches these off wherever this process does not say otherwise; only the first time counts.
    pub fn choose(self) {
        CHOSEN.get_or_init(|| self);
    }

    /// What this process has chosen.
    pub(crate) fn chosen() -> Self {
        CHOSEN.get().copied().unwrap_or(Self::NONE)
    }

    /// Everything works but `mechanisms`.
    #[must_use]
    pub fn without(mechanisms: &[Mechanism]) -> Self {
        Self { off: mechanisms.iter().fold(0, |off, one| off | 1 << *one as u64) }
    }

    /// And neither do these work.
    #[must_use]
    pub fn and_without(self, mechanisms: &[Mechanism]) -> Self {
        Self { off: self.off | Self::without(mechanisms).off }
    }

    /// Whether `mechanism` works.
    pub(crate) const fn works(self, mechanism: Mechanism) -> bool {
        self.off & 1 << mechanism as u64 == 0
    }
}
