//! Where, in the index spaces of the rewritten module, the generated functions and globals are.
//!
//! The guest's own indices stay as they are: generated functions and globals come behind its own,
//! but for `contribute`, which takes the import's place.

use super::notes::Layout;

/// Indices that generated code needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    /// Functions of the guest, its import among them.
    pub(super) functions: u32,
    /// Globals of the guest.
    pub(super) globals: u32,
    /// Memory 1.
    pub(super) layout: Layout,
}

impl Places {
    /// The function that appends a granule to the log.
    pub(super) const fn note(&self) -> u32 {
        self.functions
    }

    /// The function that notes all granules of a range.
    pub(super) const fn mark_range(&self) -> u32 {
        self.functions + 1
    }

    /// The function that is `memory.grow`.
    pub(super) const fn grow(&self) -> u32 {
        self.functions + 2
    }

    /// The function that copies pages and globals to memory 1.
    pub(super) const fn save(&self) -> u32 {
        self.functions + 3
    }

    /// The function that sets pages and globals from their twins.
    pub(super) const fn reload(&self) -> u32 {
        self.functions + 4
    }

    /// The entry that asks for the arena.
    pub(super) const fn arena(&self) -> u32 {
        self.functions + 5
    }

    /// The entry that hands over parameters.
    pub(super) const fn init(&self) -> u32 {
        self.functions + 6
    }

    /// The entry that hands over a person.
    pub(super) const fn person(&self) -> u32 {
        self.functions + 7
    }

    /// The global that is `memory.size`.
    pub(super) const fn pages(&self) -> u32 {
        self.globals
    }

    /// The global that holds the depth of calls.
    pub(super) const fn depth(&self) -> u32 {
        self.globals + 1
    }

    /// The global that tells the host how many twins there are; it does not change.
    pub(super) const fn twins(&self) -> u32 {
        self.globals + 2
    }

    /// Granules of memory 0; at most 2²⁴, as the memory has at most 4 GiB.
    pub(super) fn granules(&self) -> i32 {
        i32::try_from(self.layout.granules()).unwrap_or(i32::MAX)
    }
}
