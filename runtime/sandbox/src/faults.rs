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

    /// Whether `mechanism` works.
    #[cfg(not(feature = "faults"))]
    #[expect(clippy::unused_self, reason = "with the feature it has something to look at")]
    pub(crate) const fn works(self, _mechanism: Mechanism) -> bool {
        true
    }
}

#[cfg(feature = "faults")]
impl Faults {
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
