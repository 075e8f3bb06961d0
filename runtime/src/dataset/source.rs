//! Opens a dataset's tables in the query engine: projection, filters and the unit key.

use std::path::PathBuf;
use std::sync::Arc;

use cloister_contract::job::CodeList;
use cloister_contract::study::{ColumnType, Table};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Column;
use datafusion::datasource::file_format::options::{ArrowReadOptions, ParquetReadOptions};
use datafusion::error::DataFusionError;
use datafusion::prelude::{DataFrame, Expr, SessionContext, cast, ident};

use super::naming::{one_named, same_name};
use super::{Dataset, DatasetError, Format, KeyKind, TableFile, Unit, columns, csv, unquoted};
use crate::faults::{Mechanism, off};

/// The name under which every input of the operator carries the unit key, as its first column.
pub(crate) const UNIT: &str = "__unit";

/// The name of the last column of delimited text whose misfits nobody is told.
pub(crate) const UNFIT: &str = "__unfit";

/// A dataset opened in a session of the query engine.
pub(crate) struct Source<'d> {
    pub(super) dataset: &'d Dataset,
    pub(super) session: &'d SessionContext,
    key: KeyKind,
    /// Whether a value of delimited text that does not fit is an error.
    pub(super) strict: bool,
}

impl<'d> Source<'d> {
    /// Opens `dataset` in `session` and looks at the type of its unit key.
    ///
    /// # Errors
    /// [`DatasetError`] if the unit table cannot be read or has no usable key.
    pub(crate) async fn open(
        dataset: &'d Dataset,
        session: &'d SessionContext,
    ) -> Result<Self, DatasetError> {
        let Unit { table, kind, .. } = &dataset.unit;
        let (key, strict) = (kind.unwrap_or(csv::TEXT_KEY), dataset.may_be_exact());
        let mut source = Self { dataset, session, key, strict };
        let Some(key) = dataset.key_of(table) else {
            source.key = KeyKind::Int;
            return Ok(source);
        };
        let file = dataset.tables.get(table);
        if file.is_some_and(|file| matches!(file.format, Format::Csv(_))) {
            return Ok(source);
        }
        let unit = source.table(table, &[]).await?;
        let found = data_type(&unit, &source.find(&unit, table, key)?);
        let error = |found: String, right| DatasetError::Key {
            table: table.clone(),
            key: key.to_owned(),
            found,
            right,
        };
        source.key =
            key_kind(&found).map_err(|found| error(found, "it must be an integer or a text"))?;
        if kind.is_some_and(|kind| kind != source.key) {
            return Err(error(found.to_string(), "`unit` declares another `type`"));
        }
        Ok(source)
    }

    /// The keys of all units, one a row.
    ///
    /// # Errors
    /// [`DatasetError`] if the unit table cannot be read.
    pub(crate) async fn units(&self) -> Result<DataFrame, DatasetError> {
        let table = &self.dataset.unit.table;
        let frame = self.table(table, &[]).await?;
        let unit = self.unit(&frame, table)?;
        Ok(frame.select(vec![unit])?)
    }

    /// The rows and columns that `table` declares, with the unit key before them; `None` if the
    /// table is optional and the dataset has none. Rows without a unit belong to nobody.
    ///
    /// # Errors
    /// [`DatasetError`] if the table or a column is missing or cannot hold what is declared.
    pub(crate) async fn rows(
        &self,
        table: &Table,
        codes: &[CodeList],
    ) -> Result<Option<DataFrame>, DatasetError> {
        if !self.dataset.has(&table.from) && table.optional {
            return Ok(None);
        }
        let unit = &self.dataset.unit;
        if unit.key.is_none() && table.from != unit.table {
            let (unit, table) = (unit.table.clone(), table.from.clone());
            return Err(DatasetError::OnlyUnit { unit, table });
        }
        self.no_identifier(table)?;
        let mut frame = self.table(&table.from, &wants(table, codes)).await?;
        let key = self.unit(&frame, &table.from)?;
        let mut selected = vec![key];
        for column in &table.columns {
            let name = self.find(&frame, &table.from, &column.name)?;
            columns::can_hold(&data_type(&frame, &name), &column.kind).map_err(|what| {
                let (table, column) = (table.from.clone(), column.name.clone());
                DatasetError::Column { table, column, what }
            })?;
            selected.push(column_named(&name).alias(&column.name));
        }
        if frame.schema().has_column_with_unqualified_name(UNFIT) {
            selected.push(column_named(UNFIT));
        }
        for filter in &table.filters {
            let condition = self.condition(&frame, &table.from, filter, codes)?;
            frame = frame.filter(condition)?;
        }
        if let Some(key) = self.dataset.key_of(&table.from) {
            let key = self.find(&frame, &table.from, key)?;
            frame = frame.filter(column_named(&key).is_not_null())?;
        }
        Ok(Some(frame.select(selected)?))
    }

    /// No study sees or filters by what tells who somebody is: the unit key, and what the site
    /// withholds.
    fn no_identifier(&self, table: &Table) -> Result<(), DatasetError> {
        let columns = table.columns.iter().map(|column| &column.name);
        let mut read = columns.chain(table.filters.iter().map(|filter| &filter.column));
        let keys = self.dataset.key_of(&table.from).into_iter();
        let keys = keys.chain(self.dataset.unit.key.as_deref());
        let kept: Vec<&str> =
            keys.chain(self.dataset.withheld.iter().map(String::as_str)).collect();
        if off(Mechanism::WithheldColumns) {
            return Ok(());
        }
        match read.find(|name| kept.iter().any(|kept| same_name(kept, name))) {
            None => Ok(()),
            Some(column) => {
                let (table, column) = (table.from.clone(), column.clone());
                Err(DatasetError::Withheld { table, column })
            }
        }
    }

    fn file(&self, name: &str) -> Result<&'d TableFile, DatasetError> {
        let file = self.dataset.tables.get(name);
        file.ok_or_else(|| DatasetError::NoTable(name.to_owned(), self.dataset.near(name)))
    }

    /// The table or view `name`; of delimited text just the columns `wants` and the unit key are
    /// read.
    pub(super) async fn table(
        &self,
        name: &str,
        wants: &[Want],
    ) -> Result<DataFrame, DatasetError> {
        if let Some(view) = self.dataset.views.get(name) {
            // A view reads tables, never views: this goes one level deep.
            return Box::pin(self.view(name, view)).await;
        }
        let key = self.dataset.key_of(name);
        let mut with_key: Vec<Want> = Vec::new();
        if let Some(key) = key {
            let kind = match self.key {
                KeyKind::Int => ColumnType::Int,
                KeyKind::Text => csv::TEXT,
            };
            with_key.push((key.to_owned(), kind));
        }
        let more = wants.iter().filter(|(name, _)| key.is_none_or(|key| !same_name(key, name)));
        with_key.extend(more.cloned());
        let file = self.file(name)?;
        match &self.dataset.prepared {
            Some(prepared) => self.ranged(name, &file.path, prepared).await,
            None => self.read(name, file, &with_key).await,
        }
    }

    /// The table or view `name` with all its columns; those of delimited text are text, but for
    /// the key.
    pub(super) async fn whole(&self, name: &str) -> Result<DataFrame, DatasetError> {
        match self.csv(name) {
            Some((file, settings)) => {
                let text = |column| (column, csv::TEXT);
                let wants = csv::columns(name, file, settings)?.into_iter().map(text);
                self.every(name, &wants.collect::<Vec<_>>()).await
            }
            None => self.table(name, &[]).await,
        }
    }

    /// As [`Source::whole`], but delimited text has the types that its description declares;
    /// `None` if it declares none.
    pub(super) async fn typed(&self, name: &str) -> Result<Option<DataFrame>, DatasetError> {
        let Some((file, settings)) = self.csv(name) else {
            return self.table(name, &[]).await.map(Some);
        };
        let columns = csv::columns(name, file, settings)?;
        for declared in settings.typed() {
            one_named(columns.iter().map(String::as_str), name, declared)?;
        }
        let typed = |column: String| Some((column.clone(), settings.type_of(&column)?));
        let wants: Option<Vec<Want>> = columns.into_iter().map(typed).collect();
        match wants {
            Some(wants) => self.every(name, &wants).await.map(Some),
            None => Ok(None),
        }
    }

    async fn every(&self, name: &str, wants: &[Want]) -> Result<DataFrame, DatasetError> {
        Ok(self.table(name, wants).await?.drop_columns(&[UNFIT])?)
    }

    /// The table `name`, if it is delimited text.
    fn csv(&self, name: &str) -> Option<(&'d TableFile, &'d csv::CsvSettings)> {
        let file = self.dataset.tables.get(name)?;
        match &file.format {
            Format::Csv(settings) => Some((file, settings)),
            _ => None,
        }
    }

    /// What `table` calls the unit key; of a flat table, the rows' number.
    pub(super) fn key_name(&self, table: &str) -> &str {
        self.dataset.key_of(table).unwrap_or(UNIT)
    }

    pub(super) async fn read(
        &self,
        name: &str,
        file: &TableFile,
        wants: &[Want],
    ) -> Result<DataFrame, DatasetError> {
        let path = &file.path;
        let failed =
            |what: String| DatasetError::Table { table: name.to_owned(), path: path.clone(), what };
        let rows_are_persons = self.dataset.unit.key.is_none() && name == self.dataset.unit.table;
        let text = path.to_str().ok_or_else(|| failed("the path is not UTF-8".to_owned()))?;
        // A folder is all its files; a single file may be called as it likes.
        let is_folder = path.is_dir();
        let url = if is_folder { format!("{}/", text.trim_end_matches('/')) } else { text.into() };
        let extension = |of: &'static str| if is_folder { of } else { "" };
        let frame = match &file.format {
            Format::Csv(settings) => {
                let wants = csv_names(name, file, settings, wants)?;
                let rows = csv::Rows { numbers: rows_are_persons, strict: self.strict };
                let table = csv::table(name, file, settings, &wants, rows)?;
                return Ok(self.session.read_table(Arc::new(table))?);
            }
            _ if rows_are_persons => {
                let what = "`row_is_person` wants delimited text; give these rows a key";
                return Err(failed(what.to_owned()));
            }
            Format::Parquet => {
                let options = ParquetReadOptions::default().file_extension(extension(".parquet"));
                self.session.read_parquet(url, options).await
            }
            Format::Arrow => {
                let file_extension = extension(".arrow");
                let options = ArrowReadOptions { file_extension, ..ArrowReadOptions::default() };
                self.session.read_arrow(url, options).await
            }
        };
        let ending = if matches!(file.format, Format::Arrow) { "arrow" } else { "parquet" };
        let no_file = || failed(format!("it is no {ending} file, or a part of one"));
        let frame = frame.map_err(|error| match error.find_root() {
            DataFusionError::Plan(_) if is_folder => {
                failed(format!("there is no `.{ending}` file in it"))
            }
            // It tells people to report a bug of its own.
            DataFusionError::Internal(_) => no_file(),
            _ => failed(unquoted(&error)),
        })?;
        // The engine passes over files of no bytes, and with them over their rows.
        let is_empty = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|found| found.len() == 0);
        let files = file.files().map_err(|error| failed(error.to_string()))?;
        if frame.schema().fields().is_empty() {
            return Err(no_file());
        }
        match files.iter().find(|path| is_empty(path)) {
            Some(empty) => Err(failed(format!("`{}` is an empty file", empty.display()))),
            None => Ok(frame),
        }
    }

    /// The column of `frame` that is called `name` without regard to case.
    pub(super) fn find(
        &self,
        frame: &DataFrame,
        table: &str,
        name: &str,
    ) -> Result<String, DatasetError> {
        let fields = frame.schema().fields().iter();
        one_named(fields.map(|field| field.name().as_str()), table, name).map(str::to_owned)
    }

    /// The unit key under its own name, cast to the dataset's one type of key without loss.
    pub(super) fn unit(&self, frame: &DataFrame, table: &str) -> Result<Expr, DatasetError> {
        let Some(key) = self.dataset.key_of(table) else { return Ok(column_named(UNIT)) };
        let name = self.find(frame, table, key)?;
        let ty = data_type(frame, &name);
        let error = |found: String, right| DatasetError::Key {
            table: table.to_owned(),
            key: key.to_owned(),
            found,
            right,
        };
        let kind =
            key_kind(&ty).map_err(|found| error(found, "it must be an integer or a text"))?;
        if kind != self.key {
            return Err(error(ty.to_string(), "it must be of the same kind as in the unit table"));
        }
        let to = match kind {
            KeyKind::Int => DataType::Int64,
            KeyKind::Text => DataType::Utf8,
        };
        let column = column_named(&name);
        Ok(if ty == to { column } else { cast(column, to) }.alias(UNIT))
    }
}

/// A column that delimited text is asked for, and its type.
pub(super) type Want = (String, ColumnType);

/// What a study's table wants of delimited text: its columns, and those it filters by.
fn wants(table: &Table, codes: &[CodeList]) -> Vec<Want> {
    let mut wants: Vec<Want> =
        table.columns.iter().map(|column| (column.name.clone(), column.kind.clone())).collect();
    for filter in &table.filters {
        let concepts = filter.sets.iter().filter_map(|at| codes.get(*at));
        let concepts = concepts.into_iter().any(|list| matches!(list, CodeList::Concepts(_)));
        if !wants.iter().any(|(name, _)| same_name(name, &filter.column)) {
            let kind = if concepts { ColumnType::Int } else { csv::TEXT };
            wants.push((filter.column.clone(), kind));
        }
    }
    wants
}

/// The wanted columns under the names that the file's header gives them.
fn csv_names(
    table: &str,
    file: &TableFile,
    settings: &csv::CsvSettings,
    wants: &[Want],
) -> Result<Vec<Want>, DatasetError> {
    let has = csv::columns(table, file, settings)?;
    let name = |(wanted, kind): &Want| {
        let found = one_named(has.iter().map(String::as_str), table, wanted)?;
        Ok((found.to_owned(), kind.clone()))
    };
    wants.iter().map(name).collect()
}

/// A column by its exact name, whatever characters are in it.
pub(super) fn column_named(name: &str) -> Expr {
    ident(Column::from_name(name).name)
}

pub(super) fn data_type(frame: &DataFrame, name: &str) -> DataType {
    let field = frame.schema().field_with_unqualified_name(name);
    field.map_or(DataType::Null, |field| field.data_type().clone())
}

pub(super) fn key_kind(ty: &DataType) -> Result<KeyKind, String> {
    match ty {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => Ok(KeyKind::Int),
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => Ok(KeyKind::Int),
        DataType::Decimal128(precision, 0) if *precision <= 18 => Ok(KeyKind::Int),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Ok(KeyKind::Text),
        DataType::Dictionary(_, value) => key_kind(value),
        other => Err(other.to_string()),
    }
}
