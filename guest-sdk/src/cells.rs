//! Where a contribution goes: labels and bins, and the number of the cell that they name.

use core::fmt;

/// An enum over declared labels; the last of `ALL` may be `Other`, which has no label.
pub trait Label: Copy + 'static {
    /// Every variant, in the study file's order.
    const ALL: &'static [Self];
    /// The labels as the study file spells them.
    const LABELS: &'static [&'static str];

    /// The position in `ALL`.
    fn index(self) -> u32;
}

/// The variant whose label is `text`.
#[must_use]
pub fn label_of<L: Label>(text: &str) -> Option<L> {
    let at = L::LABELS.iter().position(|label| *label == text)?;
    L::ALL.get(at).copied()
}

/// The variant at position `index`.
#[must_use]
pub(crate) fn label_at<L: Label>(index: u32) -> Option<L> {
    L::ALL.get(index as usize).copied()
}

/// A value of a dimension: its index, and the number of values that the dimension has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bin {
    index: u32,
    size: u32,
}

/// A dimension's type.
pub trait Dimension: Copy {
    /// Where this value stands in it.
    fn bin(self) -> Bin;
}

impl<L: Label> Dimension for L {
    fn bin(self) -> Bin {
        // A study file has at most some thousands of labels.
        Bin { index: self.index(), size: u32::try_from(L::ALL.len()).unwrap_or(u32::MAX) }
    }
}

/// The number of the cell in the product of the dimensions of `bins`, the last running fastest.
#[must_use]
pub fn cell(bins: &[Bin]) -> i64 {
    let step = |cell, bin: &Bin| cell * i64::from(bin.size) + i64::from(bin.index);
    bins.iter().fold(0, step)
}

impl Bin {
    /// The bin between `edges` that holds `value`: the lower edge is in it, the upper one is not.
    #[must_use]
    pub fn in_edges(edges: &[f64], other: bool, value: f64) -> Option<Self> {
        let bins = edges.len().checked_sub(1)?;
        let bin = edges.partition_point(|edge| *edge <= value).checked_sub(1)?;
        Self::checked(bin, bins, other)
    }

    /// The bin of `value` among the whole numbers from `min` to `max`.
    #[must_use]
    pub fn in_range(min: i64, max: i64, other: bool, value: i64) -> Option<Self> {
        let from_min = |to: i64| usize::try_from(to.checked_sub(min)?).ok();
        Self::checked(from_min(value)?, from_min(max)?.checked_add(1)?, other)
    }

    /// The bin `other`, which follows `bins` bins.
    #[must_use]
    pub const fn other(bins: u32) -> Self {
        Self { index: bins, size: bins + 1 }
    }

    /// The bin `other`, which follows the bins between `edges`.
    #[must_use]
    pub fn other_than(edges: &[f64]) -> Self {
        Self::other(u32::try_from(edges.len().saturating_sub(1)).unwrap_or(u32::MAX - 1))
    }

    fn checked(index: usize, bins: usize, other: bool) -> Option<Self> {
        let size = u32::try_from(bins).ok()?.checked_add(u32::from(other))?;
        (index < bins).then_some(Self { index: u32::try_from(index).ok()?, size })
    }

    /// Writes the bin for a test's messages: `Age [40, 60)`, `Age other`.
    ///
    /// # Errors
    /// Those of the formatter.
    pub fn show(self, name: &str, edges: &[f64], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.index as usize;
        match (edges.get(at), edges.get(at + 1)) {
            (Some(low), Some(high)) => write!(f, "{name} [{low}, {high})"),
            _ => write!(f, "{name} other"),
        }
    }

    /// As [`Self::show`] for the whole numbers from `min` to `max`: `Score 3`.
    ///
    /// # Errors
    /// Those of the formatter.
    pub fn show_range(
        self,
        name: &str,
        (min, max): (i64, i64),
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        match min + i64::from(self.index) {
            value if value <= max => write!(f, "{name} {value}"),
            _ => write!(f, "{name} other"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_holds_its_lower_edge_and_not_its_upper_one() {
        let edges = [0.0, 40.0, 60.0];
        let bin = |value| Bin::in_edges(&edges, true, value).map(|bin| bin.index);
        assert_eq!([bin(0.0), bin(39.9), bin(40.0)], [Some(0), Some(0), Some(1)]);
        for outside in [-0.1, 60.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(bin(outside), None, "{outside}");
        }
        assert_eq!(Bin::in_edges(&edges, true, 50.0), Some(Bin { index: 1, size: 3 }));
        assert_eq!(Bin::other_than(&edges), Bin { index: 2, size: 3 });
    }

    #[test]
    fn a_range_holds_both_its_ends() {
        let bin = |value| Bin::in_range(-1, 1, false, value).map(|bin| bin.index);
        assert_eq!([bin(-2), bin(-1), bin(1), bin(2)], [None, Some(0), Some(2), None]);
        assert_eq!([bin(i64::MIN), bin(i64::MAX)], [None, None]);
    }

    #[test]
    fn the_last_dimension_runs_fastest() {
        let bin = |index, size| Bin { index, size };
        assert_eq!(cell(&[]), 0);
        assert_eq!(cell(&[bin(1, 2), bin(3, 5)]), 8);
        assert_eq!(cell(&[bin(1, 2), bin(3, 5), bin(1, 4)]), 33);
    }
}
