//! The trace of a draft: what the site keeps, encrypted, to show later that a release came of it.
//!
//! A keyed digest of every cell, and in the tier `open` the noise that was drawn: a replay adds it
//! again and draws nothing. With the site's key and this, exact numbers could be told from a
//! release; so it lies where the records lie, and never leaves.

/// What is kept of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    /// Of all cells, under a key of the job.
    pub(super) digest: [u8; 32],
    /// The noise of the tier `open`, in the order in which it was drawn.
    pub(super) drawn: Vec<i128>,
}

impl Trace {
    /// Its bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let drawn = self.drawn.iter().flat_map(|drawn| drawn.to_le_bytes());
        self.digest.iter().copied().chain(drawn).collect()
    }

    /// The trace in `bytes`; `None` if they are none.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (digest, drawn) = bytes.split_first_chunk()?;
        let (drawn, rest) = drawn.as_chunks();
        let drawn = drawn.iter().map(|drawn| i128::from_le_bytes(*drawn)).collect();
        rest.is_empty().then_some(Self { digest: *digest, drawn })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back_as_it_was_and_nothing_else_does() {
        for drawn in [vec![], vec![0, -1, i128::MAX, i128::MIN]] {
            let trace = Trace { digest: [7; 32], drawn };
            let bytes = trace.encode();
            assert_eq!(Trace::decode(&bytes), Some(trace));
            assert_eq!(Trace::decode(&bytes[..31]), None);
            assert_eq!(Trace::decode(&[&bytes[..], &[0]].concat()), None);
        }
    }
}
