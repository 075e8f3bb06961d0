//! The bounds of a study file: what a contract of one page needs, and no more.

/// Bounds on what a study file may declare; each keeps a later stage small.
#[derive(Debug)]
pub struct StudyBounds {
    /// Bytes of the file: a custodian must be able to read it.
    pub file_bytes_max: usize,
    /// Characters of a title.
    pub title_chars_max: usize,
    /// Characters of a name or label: labels become columns of a report.
    pub name_chars_max: usize,
    /// Parameters, code sets, tables, dimensions and outputs, of each.
    pub items_max: usize,
    /// Columns of one table.
    pub columns_max: usize,
    /// Labels of one dimension or category, and entries of one list.
    pub entries_max: usize,
    /// Bytes of one text value in a person's frame.
    pub text_bytes_max: u32,
    /// Rows of one person in one table.
    pub rows_max: u32,
    /// Cells of one job with its margins; a profile sets a far lower bound.
    pub cells_max: usize,
    /// Fuel for one person: at most some tenths of a second.
    pub fuel_max: u64,
    /// Pages of 64 KiB of a guest's memory: 16 MiB.
    pub memory_pages_max: u32,
    /// Grid steps between an output's bounds. With 2^40 steps a square is at most 2^80, so that
    /// an i128 holds the sum of squares of 2^46 persons: more than there will ever be.
    pub grid_steps_max: i64,
}

/// The bounds that [`crate::study::Study::parse`] applies.
pub const BOUNDS: StudyBounds = StudyBounds {
    file_bytes_max: 65_536,
    title_chars_max: 200,
    name_chars_max: 64,
    items_max: 64,
    columns_max: 64,
    entries_max: 4_096,
    text_bytes_max: 4_096,
    rows_max: 100_000,
    cells_max: 100_000,
    fuel_max: 100_000_000,
    memory_pages_max: 256,
    grid_steps_max: 1 << 40,
};
