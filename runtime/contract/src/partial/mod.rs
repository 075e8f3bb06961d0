//! Partial cells: what a worker hands to its parent, and nothing else of it reaches a release.
//!
//! A worker holds rows and runs guests, so its word is not trusted: [`PartialCells::decode`] takes
//! bytes of one fixed length and refuses cells that no persons could have made (`sound.rs`). After
//! a guest has broken out the worst is a release of the usual shape with wrong numbers.
//!
//! ```text
//! 0   population: u64           persons who contributed to any cell
//! 8   cell 0, cell 1, …         160 bytes each, in the layout's order:
//!       0  persons  8 nonzero  16 at_low  24 at_high: u64
//!      32  sum     48 squares: i128
//!      64  largest  72 second: u64
//!      80  digest: u128
//!      96  who  128 values: 4 u64 each                             (all little-endian)
//! ```

mod sketch;
mod sound;

use crate::cells::Layout;
use crate::study::Study;

pub use sketch::Sketch;
pub use sound::Unsound;

/// What the host keeps of one cell: exact integers, merged by addition in any order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Persons who contributed.
    pub persons: u64,
    /// Persons whose clamped value is not zero.
    pub nonzero: u64,
    /// Persons whose clamped value is the lower bound.
    pub at_low: u64,
    /// Persons whose clamped value is the upper bound.
    pub at_high: u64,
    /// Σ(x − low) in grid steps.
    pub sum: i128,
    /// Σ(x − low)² in grid steps squared.
    pub squares: i128,
    /// The two largest |x| in grid steps, the largest first.
    pub largest: [u64; 2],
    /// Keyed digest of the set of persons: a sum modulo 2^128, so that the digest of a disjoint
    /// union is the sum of digests.
    pub digest: u128,
    /// Sketch of the set of persons.
    pub who: Sketch,
    /// Sketch of the set of (person, value).
    pub values: Sketch,
}

/// The cells of some of a job's persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialCells {
    /// Every cell of the layout, in its order.
    pub cells: Vec<Cell>,
    /// Persons who contributed to any.
    pub population: u64,
}

/// Bytes that are no partial cells of the job. It quotes nothing of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCells {
    /// The length is another.
    #[error("there are {found} bytes, and the job's cells have {right}")]
    Length {
        /// Bytes there are.
        found: usize,
        /// Bytes that there must be.
        right: usize,
    },
    /// No persons could have made them.
    #[error(transparent)]
    Unsound(#[from] Unsound),
}

/// Bytes of one cell.
const CELL_BYTES: usize = 160;
/// Bytes before the cells.
const HEADER_BYTES: usize = 8;

impl Cell {
    /// Adds one person whose value, clamped to `low..=high`, is `steps`; `who` and `value` are
    /// keyed hashes of the person, and of person and value.
    pub fn add(&mut self, low: i64, high: i64, steps: i64, [who, value]: [u128; 2]) {
        let above = i128::from(steps) - i128::from(low);
        self.persons += 1;
        self.nonzero += u64::from(steps != 0);
        self.at_low += u64::from(steps == low);
        self.at_high += u64::from(steps == high);
        // Invariant `headroom`: these cannot wrap.
        self.sum = self.sum.wrapping_add(above);
        self.squares = self.squares.wrapping_add(above.wrapping_mul(above));
        self.largest = two_largest(self.largest, [steps.unsigned_abs(), 0]);
        self.digest = self.digest.wrapping_add(who);
        self.who.toggle(who);
        self.values.toggle(value);
    }

    /// Adds the persons of `other`, who are none of this cell's.
    pub fn merge(&mut self, other: &Self) {
        self.persons += other.persons;
        self.nonzero += other.nonzero;
        self.at_low += other.at_low;
        self.at_high += other.at_high;
        self.sum = self.sum.wrapping_add(other.sum);
        self.squares = self.squares.wrapping_add(other.squares);
        self.largest = two_largest(self.largest, other.largest);
        self.digest = self.digest.wrapping_add(other.digest);
        self.who.merge(&other.who);
        self.values.merge(&other.values);
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        let counts = [self.persons, self.nonzero, self.at_low, self.at_high];
        bytes.extend(counts.into_iter().flat_map(u64::to_le_bytes));
        bytes.extend([self.sum, self.squares].into_iter().flat_map(i128::to_le_bytes));
        bytes.extend(self.largest.into_iter().flat_map(u64::to_le_bytes));
        bytes.extend(self.digest.to_le_bytes());
        let sketches = [self.who, self.values];
        bytes.extend(sketches.iter().flat_map(|sketch| sketch.0).flat_map(u64::to_le_bytes));
    }

    fn decode(bytes: &[u8; CELL_BYTES]) -> Self {
        let mut rest = Reader(bytes);
        Self {
            persons: rest.u64(),
            nonzero: rest.u64(),
            at_low: rest.u64(),
            at_high: rest.u64(),
            sum: rest.i128(),
            squares: rest.i128(),
            largest: [rest.u64(), rest.u64()],
            digest: rest.i128().cast_unsigned(),
            who: Sketch([rest.u64(), rest.u64(), rest.u64(), rest.u64()]),
            values: Sketch([rest.u64(), rest.u64(), rest.u64(), rest.u64()]),
        }
    }
}

impl PartialCells {
    /// Every cell of `layout` at zero.
    #[must_use]
    pub fn none(layout: &Layout) -> Self {
        Self { cells: vec![Cell::default(); layout.len], population: 0 }
    }

    /// The number of bytes of any partial cells of `layout`.
    #[must_use]
    pub const fn bytes(layout: &Layout) -> usize {
        HEADER_BYTES + layout.len * CELL_BYTES
    }

    /// The bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.cells.len() * CELL_BYTES);
        bytes.extend(self.population.to_le_bytes());
        self.cells.iter().for_each(|cell| cell.encode(&mut bytes));
        bytes
    }

    /// Reads what [`PartialCells::encode`] wrote, of a job of `study` whose cells are `layout`.
    ///
    /// # Errors
    /// [`NotCells`] if the length is another, or no persons could have made these cells.
    pub fn decode(bytes: &[u8], study: &Study, layout: &Layout) -> Result<Self, NotCells> {
        let partial = Self::read(bytes, layout)?;
        sound::check(&partial, study, layout)?;
        Ok(partial)
    }

    /// As [`PartialCells::decode`], of cells that no persons could have made, too.
    ///
    /// # Errors
    /// [`NotCells`] if the length is another.
    #[cfg(feature = "faults")]
    pub fn decode_unsound(bytes: &[u8], layout: &Layout) -> Result<Self, NotCells> {
        Self::read(bytes, layout)
    }

    fn read(bytes: &[u8], layout: &Layout) -> Result<Self, NotCells> {
        let (found, right) = (bytes.len(), Self::bytes(layout));
        let length = NotCells::Length { found, right };
        if found != right {
            return Err(length);
        }
        let (population, cells) = bytes.split_first_chunk().ok_or(length)?;
        let (cells, []) = cells.as_chunks::<CELL_BYTES>() else { return Err(length) };
        let cells = cells.iter().map(Cell::decode).collect();
        Ok(Self { cells, population: u64::from_le_bytes(*population) })
    }

    /// Adds the persons of `other`, who are none of these.
    pub fn merge(&mut self, other: &Self) {
        self.population += other.population;
        self.cells.iter_mut().zip(&other.cells).for_each(|(cell, more)| cell.merge(more));
    }
}

/// Takes numbers from the front; where there are none, zero.
struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let Some((first, rest)) = self.0.split_first_chunk() else { return [0; N] };
        self.0 = rest;
        *first
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    fn i128(&mut self) -> i128 {
        i128::from_le_bytes(self.take())
    }
}

fn two_largest(a: [u64; 2], b: [u64; 2]) -> [u64; 2] {
    let ([a1, a2], [b1, b2]) = (a, b);
    if a1 >= b1 { [a1, a2.max(b1)] } else { [b1, b2.max(a1)] }
}
