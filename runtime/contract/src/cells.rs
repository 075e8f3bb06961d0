//! Where each declared cell lies: outputs in the study file's order, cells row by row, margins
//! after the cells that they sum.
//!
//! With `arm = ["a", "b"]`, `age = { edges = [0, 40, 80] }` and
//! `exposed = { kind = "count", by = ["arm", "age"], totals = [["arm"]] }`:
//!
//! ```text
//! flat   0            1             2            3             4     5
//! cell   a, [0, 40)   a, [40, 80)   b, [0, 40)   b, [40, 80)   a     b      (4, 5: the margin)
//! ```

use crate::job::Params;
use crate::study::{BOUNDS, Dimension, Domain, EdgeSource, Output, OutputKind, ParamKind, Study};

/// The cells of a job.
#[derive(Clone, Debug)]
pub struct Layout {
    /// One entry per output, in the study file's order.
    pub outputs: Vec<OutputCells>,
    /// The number of cells of all outputs, margins included.
    pub len: usize,
}

/// The cells of one output.
#[derive(Clone, Debug)]
pub struct OutputCells {
    /// Its dimensions in order, the last one running fastest; a histogram adds `bin`.
    pub axes: Vec<Axis>,
    /// The flat index of its first cell.
    pub first: usize,
    /// The number of its cells, without margins.
    pub cells: usize,
    /// The number of cells that a guest names: without the bins of a histogram.
    pub named: usize,
    /// The bins of a histogram.
    pub bins: Option<Bins>,
    /// Its margins.
    pub margins: Vec<Margin>,
}

/// One dimension of an output's cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The dimension's name.
    pub name: String,
    /// Its values as a report shows them.
    pub labels: Vec<String>,
}

/// The bins of a histogram: each holds its lower edge and not its upper one.
#[derive(Clone, Debug, PartialEq)]
pub struct Bins {
    edges: Vec<f64>,
    other: bool,
}

/// A margin of an output.
#[derive(Clone, Debug)]
pub struct Margin {
    /// The flat index of its first cell.
    pub first: usize,
    /// The number of its cells.
    pub cells: usize,
    /// Positions among the output's axes that stay.
    pub axes: Vec<usize>,
}

/// The study declares more cells than a job may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the outputs have more than {} cells", BOUNDS.cells_max)]
pub struct TooManyCells;

impl Layout {
    /// The cells of `study` with `params`.
    ///
    /// # Errors
    /// [`TooManyCells`] beyond [`BOUNDS`]`.cells_max`.
    pub fn new(study: &Study, params: &Params) -> Result<Self, TooManyCells> {
        let mut outputs = Vec::new();
        let mut len = 0;
        for output in &study.outputs {
            let cells = OutputCells::new(output, study, params, len)?;
            len = cells.end();
            outputs.push(cells);
        }
        Ok(Self { outputs, len })
    }
}

impl OutputCells {
    fn new(
        output: &Output,
        study: &Study,
        params: &Params,
        first: usize,
    ) -> Result<Self, TooManyCells> {
        let by = output.by.iter().filter_map(|at| study.dimensions.get(*at));
        let mut axes: Vec<Axis> = by.map(|dimension| Axis::new(dimension, params)).collect();
        let named = product(axes.iter())?;
        let mut bins = None;
        if let OutputKind::Histogram { edges, other } = &output.kind {
            let edges = params.edges(edges);
            axes.push(Axis { name: "bin".to_owned(), labels: edge_labels(edges, *other) });
            bins = Some(Bins { edges: edges.to_vec(), other: *other });
        }
        let cells = product(axes.iter())?;
        let mut end = first + cells;
        let mut margins = Vec::new();
        for total in &output.totals {
            let stays = |at: &usize| output.by.get(*at).is_none_or(|d| total.contains(d));
            let stay: Vec<usize> = (0..axes.len()).filter(stays).collect();
            let cells = product(stay.iter().filter_map(|at| axes.get(*at)))?;
            margins.push(Margin { first: end, cells, axes: stay });
            end += cells;
        }
        if end > BOUNDS.cells_max {
            return Err(TooManyCells);
        }
        Ok(Self { axes, first, cells, named, bins, margins })
    }

    /// One past the flat index of its last cell.
    #[must_use]
    pub fn end(&self) -> usize {
        self.margins.last().map_or(self.first + self.cells, |last| last.first + last.cells)
    }

    /// The flat index of what a guest calls `cell`, given `value`; `None` if there is none.
    #[must_use]
    pub fn find(&self, cell: i64, value: f64) -> Option<usize> {
        let named = usize::try_from(cell).ok().filter(|named| *named < self.named)?;
        match &self.bins {
            None => Some(self.first + named),
            Some(bins) => Some(self.first + named * bins.len() + bins.find(value)?),
        }
    }

    /// The flat index of the cell of `margin` that sums the cell at flat index `cell`.
    #[must_use]
    pub fn margin_cell(&self, margin: &Margin, cell: usize) -> usize {
        let mut rest = cell.saturating_sub(self.first);
        let (mut index, mut stride) = (0, 1);
        for (at, axis) in self.axes.iter().enumerate().rev() {
            let size = axis.labels.len().max(1);
            if margin.axes.contains(&at) {
                index += rest % size * stride;
                stride *= size;
            }
            rest /= size;
        }
        margin.first + index
    }

    /// The flat index of the cell of `of` that has the labels of the cell at flat index `cell`:
    /// `of` is by some of the same dimensions, in whatever order.
    #[must_use]
    pub fn cell_of(&self, of: &Self, cell: usize) -> usize {
        let mut rest = cell.saturating_sub(self.first);
        let mut found = of.first;
        for axis in self.axes.iter().rev() {
            let size = axis.labels.len().max(1);
            if let Some(at) = of.axes.iter().position(|other| other.name == axis.name) {
                let faster = of.axes.iter().skip(at + 1).map(|other| other.labels.len().max(1));
                found += rest % size * faster.product::<usize>();
            }
            rest /= size;
        }
        found
    }

    /// Every cell in order with the labels of its dimensions: first the cells, then the margins,
    /// where a dimension that was summed over is absent.
    pub fn labelled(&self) -> impl Iterator<Item = (usize, Vec<(&str, &str)>)> {
        let all: Vec<usize> = (0..self.axes.len()).collect();
        let cells = self.block(self.first, self.cells, all);
        let margins = self.margins.iter();
        let margins = margins.flat_map(|m| self.block(m.first, m.cells, m.axes.clone()));
        cells.chain(margins)
    }

    fn block(
        &self,
        first: usize,
        cells: usize,
        stay: Vec<usize>,
    ) -> impl Iterator<Item = (usize, Vec<(&str, &str)>)> {
        (0..cells).map(move |cell| {
            let mut rest = cell;
            let mut labels = Vec::new();
            for axis in stay.iter().rev().filter_map(|at| self.axes.get(*at)) {
                let size = axis.labels.len().max(1);
                let label = axis.labels.get(rest % size).map_or("", String::as_str);
                labels.push((axis.name.as_str(), label));
                rest /= size;
            }
            labels.reverse();
            (first + cell, labels)
        })
    }
}

impl Axis {
    fn new(dimension: &Dimension, params: &Params) -> Self {
        let mut labels = match &dimension.domain {
            Domain::Labels(labels) => labels.clone(),
            Domain::Edges(source) => edge_labels(params.edges(source), false),
            Domain::Range { min, max } => (*min..=*max).map(|n| n.to_string()).collect(),
        };
        if dimension.other {
            labels.push("other".to_owned());
        }
        Self { name: dimension.name.clone(), labels }
    }
}

impl Bins {
    fn len(&self) -> usize {
        self.edges.len().saturating_sub(1) + usize::from(self.other)
    }

    /// The bin that holds `value`; a value in none is in `other`, or in no bin at all.
    fn find(&self, value: f64) -> Option<usize> {
        let last = self.edges.len().saturating_sub(1);
        let above = self.edges.partition_point(|edge| *edge <= value);
        match above {
            _ if !value.is_finite() => None,
            0 => self.other.then_some(last),
            bin if bin <= last => Some(bin - 1),
            _ => self.other.then_some(last),
        }
    }
}

fn product<'a>(axes: impl Iterator<Item = &'a Axis>) -> Result<usize, TooManyCells> {
    let mut sizes = axes.map(|axis| axis.labels.len());
    let product = sizes.try_fold(1_usize, |product, size| product.checked_mul(size));
    product.filter(|cells| *cells <= BOUNDS.cells_max).ok_or(TooManyCells)
}

fn edge_labels(edges: &[f64], other: bool) -> Vec<String> {
    let bins = edges.iter().zip(edges.iter().skip(1));
    let labels = bins.map(|(low, high)| format!("[{low}, {high})"));
    labels.chain(other.then(|| "other".to_owned())).collect()
}

/// The most cells that a run of `study` can have, whatever its parameters.
///
/// # Errors
/// [`TooManyCells`] if they cannot even be counted.
pub fn cells_max(study: &Study) -> Result<usize, TooManyCells> {
    let mut outputs = study.outputs.iter().map(|output| output_cells_max(study, output));
    let all = outputs.try_fold(0_usize, |sum, cells| sum.checked_add(cells?));
    all.filter(|cells| *cells <= BOUNDS.cells_max).ok_or(TooManyCells)
}

/// The most cells that `output` can have, margins included; `None` if they cannot be counted.
#[must_use]
pub fn output_cells_max(study: &Study, output: &Output) -> Option<usize> {
    let bins = match &output.kind {
        OutputKind::Histogram { edges: source, other } => {
            edges_max(study, source).checked_sub(1)?.checked_add(usize::from(*other))?
        }
        _ => 1,
    };
    let block = |dimensions: &Vec<usize>| {
        let mut sizes = dimensions
            .iter()
            .filter_map(|at| study.dimensions.get(*at))
            .map(|d| values_max(study, d));
        sizes.try_fold(bins, |cells, size| cells.checked_mul(size?))
    };
    let blocks = core::iter::once(&output.by).chain(&output.totals);
    blocks.map(block).try_fold(0_usize, |sum, cells| sum.checked_add(cells?))
}

/// The most values that `dimension` can have, `other` included; `None` if they cannot be counted.
#[must_use]
pub fn values_max(study: &Study, dimension: &Dimension) -> Option<usize> {
    let values = match &dimension.domain {
        Domain::Labels(labels) => labels.len(),
        Domain::Edges(source) => edges_max(study, source).checked_sub(1)?,
        Domain::Range { min, max } => {
            usize::try_from(max.checked_sub(*min)?).ok()?.checked_add(1)?
        }
    };
    values.checked_add(usize::from(dimension.other))
}

fn edges_max(study: &Study, source: &EdgeSource) -> usize {
    match source {
        EdgeSource::Listed(edges) => edges.len(),
        EdgeSource::Param(at) => match study.params.get(*at).map(|param| &param.kind) {
            Some(ParamKind::Edges { len_max, .. }) => *len_max,
            _ => 0,
        },
    }
}
