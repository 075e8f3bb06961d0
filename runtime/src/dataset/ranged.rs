//! Prepared tables: sorted by unit key and cut into ranges of it, one file each.
//!
//! `person/00000.parquet` holds the units below the first cut, `person/00001.parquet` those from
//! there to the second, and so on; `drug_era/00001.parquet` holds the rows of the same units as
//! `person/00001.parquet`. So the engine pairs the files as they are: it neither shuffles nor
//! sorts. What the files promise is checked as they are read (`run/bundle.rs`).

use std::path::Path;
use std::sync::Arc;

use datafusion::common::{ScalarValue, SplitPoint};
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::logical_expr::{Partitioning, RangePartitioning};
use datafusion::prelude::DataFrame;
use serde::Deserialize;

use super::source::column_named;
use super::{DatasetError, Source};

/// The section `[prepared]` of a dataset.toml.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prepared {
    /// The first key of every range but the first, ascending.
    pub(super) cuts: Vec<Cut>,
}

/// A unit key between two ranges.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(untagged)]
pub(crate) enum Cut {
    Int(i64),
    Text(String),
}

impl Prepared {
    pub(super) const fn ranges(&self) -> usize {
        self.cuts.len() + 1
    }

    /// Whether the cuts ascend and are keys of one kind.
    pub(super) fn is_sound(&self) -> bool {
        let same_kind = |pair: &[Cut]| match pair {
            [Cut::Int(low), Cut::Int(high)] => low < high,
            [Cut::Text(low), Cut::Text(high)] => low < high,
            _ => false,
        };
        self.cuts.windows(2).all(same_kind)
    }
}

/// The file of a range in a table's folder.
pub(super) fn file_of(range: usize) -> String {
    format!("{range:05}.parquet")
}

impl Source<'_> {
    /// A prepared table, with its order and cuts declared to the engine.
    pub(super) async fn ranged(
        &self,
        name: &str,
        folder: &Path,
        prepared: &Prepared,
    ) -> Result<DataFrame, DatasetError> {
        let failed = |what: String| DatasetError::Table {
            table: name.to_owned(),
            path: folder.to_owned(),
            what,
        };
        all_there(folder, prepared.ranges()).map_err(failed)?;
        let text = folder.to_str().ok_or_else(|| failed("the path is not UTF-8".to_owned()))?;
        let order = vec![column_named(self.key_name(name)).sort(true, false)];
        let cuts = prepared.cuts.iter().map(|cut| {
            let value = match cut {
                Cut::Int(key) => ScalarValue::Int64(Some(*key)),
                Cut::Text(key) => ScalarValue::Utf8(Some(key.clone())),
            };
            SplitPoint::new(vec![value])
        });
        let ranges = RangePartitioning::try_new(order.clone(), cuts.collect())?;
        // A key that is a view would have to be cast, and the engine would forget the order.
        let parquet = self.session.state().table_options().parquet.clone();
        let format = ParquetFormat::default().with_options(parquet).with_force_view_types(false);
        let options = ListingOptions::new(Arc::new(format))
            .with_file_extension(".parquet")
            .with_file_sort_order(vec![order])
            .with_output_partitioning(Some(Partitioning::Range(ranges)));
        let url = ListingTableUrl::parse(format!("{}/", text.trim_end_matches('/')))?;
        let config = ListingTableConfig::new(url).with_listing_options(options);
        let config = config.infer_schema(&self.session.state()).await;
        let config = config.map_err(|error| failed(error.strip_backtrace()))?;
        Ok(self.session.read_table(Arc::new(ListingTable::try_new(config)?))?)
    }
}

/// Whether `folder` holds one file for each range and nothing else: files are paired by position.
fn all_there(folder: &Path, ranges: usize) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| error.to_string())?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    if names.iter().eq((0..ranges).map(file_of).collect::<Vec<_>>().iter()) {
        return Ok(());
    }
    let last = file_of(ranges - 1);
    Err(format!(
        "it is prepared in {ranges} ranges, and there are not just the files {} to {last}; \
         prepare the dataset anew",
        file_of(0)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_ascend_and_are_of_one_kind() {
        let sound = |cuts: &str| {
            let prepared: Prepared = toml::from_str(&format!("cuts = {cuts}")).unwrap();
            prepared.is_sound()
        };
        assert!(sound("[]") && sound("[7]") && sound("[-1, 3]") && sound("[\"a\", \"b\"]"));
        assert!(!sound("[3, 3]") && !sound("[3, 1]") && !sound("[1, \"b\"]"));
    }
}
