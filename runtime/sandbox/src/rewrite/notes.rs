//! The rewritten module's second memory: what the host must know after a call.
//!
//! *Invariant `out of reach`*: no instruction of the guest's own names memory 1; only generated
//! code does. In order, each part at a multiple of 16 bytes:
//!
//! | part | bytes | what |
//! |---|---|---|
//! | words | 16 | bytes of contributions, bytes of the log, whether a call went too deep |
//! | twins | 16 each | the pages of memory, then each mutable global, as after init |
//! | live | 16 each | where `save` writes the same as it is now, for the host to compare |
//! | contributions | 24 each | output, cell, value |
//! | log | 4 each | the granules that were written, each once |
//! | map | 1 each | for each granule of memory 0, whether it is in the log |
//!
//! The map is last, so that the mark of an address outside memory 0, whose store will trap, meets
//! nothing: it lies in the map's last page or traps itself.

use cloister_contract::abi::PAGE_BYTES;
use wasm_encoder::MemArg;

use crate::limits::CONTRIBUTIONS_MAX;

/// Bytes of a granule, the unit of what is marked and restored, as a power of two.
pub(crate) const GRANULE_SHIFT: u32 = 8;
/// Where the number of bytes of contributions is.
pub(crate) const SAID: u64 = 0;
/// Where the number of bytes of the log is.
pub(crate) const LOGGED: u64 = 4;
/// Where it is said that a call went too deep.
pub(crate) const DEEP: u64 = 8;
/// Bytes of one twin.
pub(crate) const TWIN_BYTES: u64 = 16;
/// Bytes of one contribution: output at 0, cell at 8, value at 16.
pub(crate) const CONTRIBUTION_BYTES: usize = 24;
/// Bytes of all contributions that one person may make.
pub(crate) const CONTRIBUTIONS_BYTES: u64 = (CONTRIBUTION_BYTES * CONTRIBUTIONS_MAX) as u64;
const WORDS_BYTES: u64 = 16;

/// The place `offset` bytes behind the address on the stack, in memory 1.
pub(super) const fn place(offset: u64) -> MemArg {
    MemArg { offset, align: 0, memory_index: 1 }
}

/// Where the parts of memory 1 are, in bytes from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Mutable globals, and the pages of memory 0.
    twins: u64,
    /// Granules of memory 0.
    granules: u64,
}

impl Layout {
    /// The layout for a memory 0 of `pages`, and `twins` of its globals and size.
    pub(crate) const fn new(pages: u64, twins: u64) -> Self {
        Self { twins, granules: pages * (PAGE_BYTES >> GRANULE_SHIFT) }
    }

    /// The number of twins.
    pub(crate) const fn twins_len(self) -> u64 {
        self.twins
    }

    /// The number of granules.
    pub(crate) const fn granules(self) -> u64 {
        self.granules
    }

    /// Where the twins are.
    pub(crate) const fn twins(self) -> u64 {
        WORDS_BYTES
    }

    /// Where the values that the globals have now can be saved.
    pub(crate) const fn live(self) -> u64 {
        self.twins() + self.twins * TWIN_BYTES
    }

    /// Where contributions are.
    pub(crate) const fn contributions(self) -> u64 {
        self.live() + self.twins * TWIN_BYTES
    }

    /// Where the log is.
    pub(crate) const fn log(self) -> u64 {
        self.contributions() + CONTRIBUTIONS_BYTES
    }

    /// Where the map is. The log has room for one granule that is outside memory 0: the store that
    /// follows such a mark traps.
    pub(crate) const fn map(self) -> u64 {
        (self.log() + 4 * (self.granules + 1)).next_multiple_of(16)
    }

    /// Pages of 64 KiB that all of it takes.
    pub(crate) const fn pages(self) -> u64 {
        (self.map() + self.granules).div_ceil(PAGE_BYTES)
    }
}
