//! Why a site's policies cannot be in force: then it does not start.

use std::fmt;
use std::path::PathBuf;

/// The policies of a site cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// There is none of this name.
    #[error(
        "there is no policy `{name}`{}; use `national-default` or `code-of-conduct`, or a file \
         that ends in `.cedar`", meant(near.as_ref())
    )]
    Unknown {
        /// What was named.
        name: String,
        /// What may be meant.
        near: Option<String>,
    },
    /// A file or folder cannot be read.
    #[error("the policy `{}` cannot be read: {source}", file.display())]
    Read {
        /// The file or folder.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file's name is none for a policy.
    #[error(
        "a policy's file has a name of plain letters, digits, `-`, `_` and `.`, which decisions \
         and receipts repeat, and which ends in no `.cedarschema`; rename it"
    )]
    Name,
    /// A file has the name of a shipped policy, and another text.
    #[error(
        "`{}` has the name of a shipped policy and says something else; rename it, so that a \
         decision says whose it was", .0.display()
    )]
    NotShipped(PathBuf),
    /// Two are called the same.
    #[error("two policies are called `{0}`; rename one")]
    Twice(String),
    /// Some do not parse, or do not validate.
    #[error("{}", lines(.0))]
    Wrong(Vec<PolicyMistake>),
    /// The shipped schema is broken.
    #[error("the schema of policies is broken: {0}")]
    Schema(String),
}

/// What is wrong in a policy's file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyMistake {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub help: Option<String>,
}

impl fmt::Display for PolicyMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.what)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

fn meant(near: Option<&String>) -> String {
    near.map_or(String::new(), |near| format!(" (did you mean `{near}`?)"))
}

fn lines(mistakes: &[PolicyMistake]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
