//! Code sets as the host resolved them: a guest only asks what is in them.

use core::fmt;

use cloister_contract::frame::CodeView;

/// A set of OMOP concepts, descendants included where the study file says so.
#[derive(Clone, Copy)]
pub struct ConceptSet(CodeView<'static>);

impl ConceptSet {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(view: CodeView<'static>) -> Self {
        Self(view)
    }

    /// Whether the set holds `concept`, an `i64` or an `Option<i64>`; it never holds `None`.
    #[must_use]
    pub fn contains(&self, concept: impl Into<Option<i64>>) -> bool {
        concept.into().is_some_and(|concept| self.0.contains(concept))
    }

    /// The number of concepts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the set holds no concept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for ConceptSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConceptSet of {}", self.len())
    }
}

/// A set of text codes and prefixes, such as ICD-10.
#[derive(Clone, Copy)]
pub struct TextSet(CodeView<'static>);

impl TextSet {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(view: CodeView<'static>) -> Self {
        Self(view)
    }

    /// Whether the set holds `code`, a `&str` or an `Option<&str>`: listed or under a listed
    /// prefix, and not excluded in the same way. It never holds `None`.
    #[must_use]
    pub fn contains<'c>(&self, code: impl Into<Option<&'c str>>) -> bool {
        code.into().is_some_and(|code| self.0.contains_text(code))
    }
}

impl fmt::Debug for TextSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TextSet")
    }
}
