//! Resolves code sets over the dataset's vocabulary: public tables, no person in sight.

use std::collections::BTreeSet;

use cloister_contract::job::{CodeList, Params};
use cloister_contract::study::{Codes, ConceptSpec, Study};
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::prelude::lit;

use super::source::{column_named, data_type};
use super::{DatasetError, Source, columns, normalise};
use cloister_contract::study::ColumnType;

const TABLE: &str = "concept_ancestor";

/// What is said of a code set that asks for descendants in vain.
pub(super) const UNKNOWN: &str =
    "asks for descendants, and `concept_ancestor` knows none of its concepts: it is those alone";

impl Source<'_> {
    /// The code sets of `study`, in the study file's order: with `descendants`, all concepts that
    /// `concept_ancestor` puts below a listed one, and the listed ones themselves. It warns of sets
    /// that the vocabulary does not know.
    ///
    /// # Errors
    /// [`DatasetError`] if a set asks for descendants and the vocabulary is missing or broken.
    pub(crate) async fn resolve(
        &self,
        study: &Study,
        params: &Params,
    ) -> Result<Vec<CodeList>, DatasetError> {
        let (lists, unknown) = self.resolve_told(study, params).await?;
        for set in unknown {
            tracing::warn!("the code set `{set}` {UNKNOWN}");
        }
        Ok(lists)
    }

    /// As [`Source::resolve`]; the sets that the vocabulary does not know are told by name.
    ///
    /// # Errors
    /// As [`Source::resolve`].
    pub(super) async fn resolve_told(
        &self,
        study: &Study,
        params: &Params,
    ) -> Result<(Vec<CodeList>, Vec<String>), DatasetError> {
        let (mut lists, mut unknown) = (Vec::new(), Vec::new());
        for set in &study.codes {
            lists.push(match &set.codes {
                Codes::Text(codes) => CodeList::Text(codes.clone()),
                Codes::Concepts { include, exclude } => {
                    let (mut concepts, known) = self.concepts(&set.name, include, params).await?;
                    if !known {
                        unknown.push(set.name.clone());
                    }
                    if let Some(exclude) = exclude {
                        let (out, _) = self.concepts(&set.name, exclude, params).await?;
                        concepts.retain(|concept| !out.contains(concept));
                    }
                    CodeList::Concepts(concepts.into_iter().collect())
                }
            });
        }
        Ok((lists, unknown))
    }

    /// The concepts of `spec`, and whether the vocabulary knows one that it asks of it.
    async fn concepts(
        &self,
        set: &str,
        spec: &ConceptSpec,
        params: &Params,
    ) -> Result<(BTreeSet<i64>, bool), DatasetError> {
        let listed = spec.source.concepts(params);
        let mut concepts: BTreeSet<i64> = listed.iter().copied().collect();
        if !spec.descendants || listed.is_empty() {
            return Ok((concepts, true));
        }
        let path = self.dataset.vocabulary.get(TABLE);
        let path = path.ok_or_else(|| DatasetError::NoVocabulary { set: set.to_owned() })?;
        let wants = ["ancestor_concept_id", "descendant_concept_id"];
        let wants = wants.map(|name| (name.to_owned(), ColumnType::Int));
        let frame = self.read(TABLE, path, &wants).await?;
        let ancestor = self.find(&frame, TABLE, "ancestor_concept_id")?;
        let descendant = self.find(&frame, TABLE, "descendant_concept_id")?;
        let fits = |column: &str, what: String| DatasetError::Column {
            table: TABLE.to_owned(),
            column: column.to_owned(),
            what,
        };
        columns::can_filter(&data_type(&frame, &ancestor), true)
            .map_err(|what| fits(&ancestor, what))?;
        let wanted = listed.iter().map(|concept| lit(*concept)).collect();
        let below = frame
            .filter(column_named(&ancestor).in_list(wanted, false))?
            .select(vec![column_named(&descendant)])?
            .collect()
            .await?;
        let known = below.iter().any(|batch| batch.num_rows() > 0);
        for batch in &below {
            let column = normalise(RecordBatch::column(batch, 0), &ColumnType::Int)
                .map_err(|error| fits(&descendant, error.to_string()))?;
            concepts.extend(column.as_primitive::<Int64Type>().iter().flatten());
        }
        Ok((concepts, known))
    }
}
