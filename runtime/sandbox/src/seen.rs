//! What a test sees of an instance at the end of a call, before it is cleaned.

use crate::guest::{Contribution, Fault, Guest, Told};
use crate::instance::Instance;

/// An instance at the end of a call. It is a person's: no release has this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its memory, all that there really is.
    pub memory: Vec<u8>,
    /// The pages that the guest sees, and its mutable globals, 16 bytes each.
    pub globals: Vec<u8>,
    /// Whether it went too deep.
    pub deep: bool,
    /// Fuel that was left.
    pub left: u64,
}

impl Guest<'_> {
    /// As [`Guest::call_told`], and shows the instance at its end.
    ///
    /// # Errors
    /// As [`Guest::call_told`].
    pub fn call_seen(
        &mut self,
        frame: &[u8],
        contributions: &mut Vec<Contribution>,
    ) -> Result<(Told, Seen), Fault> {
        self.seen = Some(Seen { memory: Vec::new(), globals: Vec::new(), deep: false, left: 0 });
        let told = self.call_told(frame, contributions)?;
        Ok((told, self.seen.take().ok_or(Fault("the call was not seen"))?))
    }

    /// Fills what [`Guest::call_seen`] shows, if it was that which called.
    pub(crate) fn look(&mut self, instance: &mut Instance, left: u64) -> Result<(), Fault> {
        if let Some(seen) = &mut self.seen {
            *seen = Seen {
                memory: instance.memory().to_vec(),
                globals: instance.live()?.to_vec(),
                deep: instance.is_deep()?,
                left,
            };
            // To look costs fuel, which is not the person's.
            instance.set_fuel(left)?;
        }
        Ok(())
    }
}
