//! Behind a guest's exports: the arena, and the frames that the host writes there.

use std::sync::OnceLock;

use cloister_contract::frame::{InitFrame, PersonFrame};

/// Address and length of the arena, in bytes.
static ARENA: OnceLock<(usize, usize)> = OnceLock::new();

/// Sets aside `len` bytes, 8-byte aligned and for ever, where the host writes frames.
pub fn arena(len: usize) -> usize {
    let place = || {
        let words = vec![0_u64; len.div_ceil(8)].leak();
        (words.as_mut_ptr().expose_provenance(), len)
    };
    ARENA.get_or_init(place).0
}

/// The bytes at `start`; `None` if they do not lie in the arena.
fn frame<'a>(start: usize, len: usize) -> Option<&'a [u8]> {
    let (arena, size) = *ARENA.get()?;
    let end = start.checked_sub(arena)?.checked_add(len)?;
    if end > size {
        return None;
    }
    #[expect(unsafe_code, reason = "the host wrote these bytes, in memory that `arena` leaked")]
    // SAFETY: they lie in the arena, which lives for ever, and the host writes there only between
    // calls. No caller keeps the slice beyond its call.
    Some(unsafe { core::slice::from_raw_parts(core::ptr::with_exposed_provenance(start), len) })
}

/// A guest's state between calls: the parameters.
#[derive(Debug)]
pub struct Guest<P>(OnceLock<P>);

impl<P> Guest<P> {
    /// A guest that has not seen its init frame.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Keeps the parameters of the init frame at `start`, unless it is malformed.
    pub fn init(
        &self,
        start: usize,
        len: usize,
        read: impl FnOnce(InitFrame<'static>) -> Option<P>,
    ) {
        // The arena's bytes are overwritten by the first person's: code sets look into a copy.
        let copy: Option<&'static [u8]> = frame(start, len).map(|frame| &*frame.to_vec().leak());
        if let Some(params) = copy.and_then(InitFrame::new).and_then(read) {
            // A second init frame changes nothing.
            let _kept = self.0.set(params);
        }
    }

    /// Calls `analyse` for the person's frame at `start`, unless it is malformed.
    pub fn person(&self, start: usize, len: usize, analyse: impl FnOnce(PersonFrame<'_>, &P)) {
        let person = frame(start, len).and_then(PersonFrame::new);
        if let (Some(person), Some(params)) = (person, self.0.get()) {
            analyse(person, params);
        }
    }
}

impl<P> Default for Guest<P> {
    fn default() -> Self {
        Self::new()
    }
}
