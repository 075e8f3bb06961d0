//! Opens a dataset's tables in the query engine: projection, filters and the unit key.

use std::path::Path;

use cloister_contract::job::CodeList;
use cloister_contract::study::{Filter, Table};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Column;
use datafusion::datasource::file_format::options::ParquetReadOptions;
use datafusion::prelude::{DataFrame, Expr, SessionContext, cast, ident, lit};

use super::{Dataset, DatasetError, columns};

/// The name under which every input of the operator carries the unit key, as its first column.
pub(crate) const UNIT: &str = "__unit";

/// The type of the unit key: the same in every table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// A 64-bit integer.
    Int,
    /// UTF-8.
    Text,
}

/// A dataset opened in a session of the query engine.
pub(crate) struct Source<'d> {
    pub(super) dataset: &'d Dataset,
    pub(super) session: &'d SessionContext,
    key: KeyKind,
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
        let mut source = Self { dataset, session, key: KeyKind::Int };
        let unit = source.table(&dataset.unit.table).await?;
        let name = dataset.key_of(&dataset.unit.table);
        let key = source.find(&unit, &dataset.unit.table, name)?;
        source.key = key_kind(&data_type(&unit, &key)).map_err(|found| DatasetError::Key {
            table: dataset.unit.table.clone(),
            key: name.to_owned(),
            found,
            right: "it must be an integer or a text",
        })?;
        Ok(source)
    }

    /// The keys of all units, one a row.
    ///
    /// # Errors
    /// [`DatasetError`] if the unit table cannot be read.
    pub(crate) async fn units(&self) -> Result<DataFrame, DatasetError> {
        let table = &self.dataset.unit.table;
        let frame = self.table(table).await?;
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
        let mut frame = self.table(&table.from).await?;
        let mut selected = vec![self.unit(&frame, &table.from)?];
        for column in &table.columns {
            let name = self.find(&frame, &table.from, &column.name)?;
            columns::can_hold(&data_type(&frame, &name), &column.kind).map_err(|what| {
                let (table, column) = (table.from.clone(), column.name.clone());
                DatasetError::Column { table, column, what }
            })?;
            selected.push(column_named(&name).alias(&column.name));
        }
        for filter in &table.filters {
            let condition = self.condition(&frame, &table.from, filter, codes)?;
            frame = frame.filter(condition)?;
        }
        let key = self.find(&frame, &table.from, self.dataset.key_of(&table.from))?;
        let frame = frame.filter(column_named(&key).is_not_null())?;
        Ok(Some(frame.select(selected)?))
    }

    /// The rows of the table or view `name`.
    pub(super) async fn table(&self, name: &str) -> Result<DataFrame, DatasetError> {
        match self.dataset.views.get(name) {
            Some(view) => self.view(name, view).await,
            None => self.table_of_files(name).await,
        }
    }

    /// The rows of the table `name`, from its files.
    pub(super) async fn table_of_files(&self, name: &str) -> Result<DataFrame, DatasetError> {
        let path =
            self.dataset.tables.get(name).ok_or_else(|| DatasetError::NoTable(name.to_owned()))?;
        self.read(name, path).await
    }

    pub(super) async fn read(&self, name: &str, path: &Path) -> Result<DataFrame, DatasetError> {
        let failed = |what: String| DatasetError::Table {
            table: name.to_owned(),
            path: path.to_owned(),
            what,
        };
        let text = path.to_str().ok_or_else(|| failed("the path is not UTF-8".to_owned()))?;
        // A folder is all its Parquet files; a single file may be called as it likes.
        let (url, extension) = if path.is_dir() {
            (format!("{}/", text.trim_end_matches('/')), ".parquet")
        } else {
            (text.to_owned(), "")
        };
        let options = ParquetReadOptions::default().file_extension(extension);
        let frame = self.session.read_parquet(url, options).await;
        let frame = frame.map_err(|error| failed(error.strip_backtrace()))?;
        if frame.schema().fields().is_empty() {
            return Err(failed("there is no Parquet file in it".to_owned()));
        }
        Ok(frame)
    }

    /// The column of `frame` that is called `name` without regard to case.
    pub(super) fn find(
        &self,
        frame: &DataFrame,
        table: &str,
        name: &str,
    ) -> Result<String, DatasetError> {
        let fields = frame.schema().fields();
        let mut found = fields.iter().filter(|field| field.name().eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some(field), None) => Ok(field.name().clone()),
            (None, _) => {
                let has: Vec<_> = fields.iter().map(|f| format!("`{}`", f.name())).collect();
                let has = has.join(", ");
                let (table, column) = (table.to_owned(), name.to_owned());
                Err(DatasetError::NoColumn { table, column, has })
            }
            (Some(_), Some(_)) => {
                Err(DatasetError::TwoColumns { table: table.to_owned(), column: name.to_owned() })
            }
        }
    }

    /// The unit key under its own name, cast to the dataset's one type of key without loss.
    fn unit(&self, frame: &DataFrame, table: &str) -> Result<Expr, DatasetError> {
        let name = self.find(frame, table, self.dataset.key_of(table))?;
        let ty = data_type(frame, &name);
        let error = |found: String, right| DatasetError::Key {
            table: table.to_owned(),
            key: self.dataset.key_of(table).to_owned(),
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

    fn condition(
        &self,
        frame: &DataFrame,
        table: &str,
        filter: &Filter,
        codes: &[CodeList],
    ) -> Result<Expr, DatasetError> {
        let name = self.find(frame, table, &filter.column)?;
        let column = column_named(&name);
        let lists = filter.sets.iter().filter_map(|at| codes.get(*at));
        let conditions = lists.map(|list| match list {
            CodeList::Concepts(ids) => any_of(&column, ids.iter().map(|id| lit(*id))),
            CodeList::Text(codes) => {
                let listed = texts(&column, &codes.exact, &codes.prefixes);
                let excluded = texts(&column, &codes.exclude_exact, &codes.exclude_prefixes);
                listed.and(!excluded)
            }
        });
        let condition = conditions.fold(lit(false), Expr::or);
        let concepts = filter
            .sets
            .iter()
            .filter_map(|at| codes.get(*at))
            .any(|list| matches!(list, CodeList::Concepts(_)));
        columns::can_filter(&data_type(frame, &name), concepts).map_err(|what| {
            let (table, column) = (table.to_owned(), filter.column.clone());
            DatasetError::Column { table, column, what }
        })?;
        Ok(condition)
    }
}

/// A column by its exact name, whatever characters are in it.
pub(super) fn column_named(name: &str) -> Expr {
    ident(Column::from_name(name).name)
}

fn any_of(column: &Expr, values: impl Iterator<Item = Expr>) -> Expr {
    let values: Vec<_> = values.collect();
    if values.is_empty() { lit(false) } else { column.clone().in_list(values, false) }
}

fn texts(column: &Expr, exact: &[String], prefixes: &[String]) -> Expr {
    // In a pattern `%` and `_` are wild, and a backslash makes the next character plain.
    let escape = |c: char| if matches!(c, '%' | '_' | '\\') { vec!['\\', c] } else { vec![c] };
    let pattern = |prefix: &String| prefix.chars().flat_map(escape).collect::<String>() + "%";
    let under = prefixes.iter().map(|prefix| column.clone().like(lit(pattern(prefix))));
    under.fold(any_of(column, exact.iter().map(|code| lit(code.as_str()))), Expr::or)
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
