//! Why the trust root or signatures cannot be used.

use std::path::PathBuf;

use crate::keys::KeyError;

/// The trust root or signatures cannot be read, written or believed.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A file cannot be read or written.
    #[error("`{}`: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a trust root, or not a pin.
    #[error("`{}` is broken: {what}", file.display())]
    Broken {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// There is no such file.
    #[error(
        "there is no trust root `{}`; name the site's with `--trust FILE`, or begin one with \
         `cloister trust new`", .0.display()
    )]
    NoRoot(PathBuf),
    /// Nobody has said that this is the trust root of this site.
    #[error(
        "`{0}` is not adopted as this site's trust root; compare its fingerprint with whoever gave \
         it to you, then run `cloister trust adopt {0} --expect FINGERPRINT`",
        file.display()
    )]
    NotAdopted {
        /// The file.
        file: PathBuf,
    },
    /// There is one already.
    #[error(
        "a trust root is adopted here already; take the next version with `cloister trust update \
         NEW --trust {}`",
        .0.display()
    )]
    Adopted(PathBuf),
    /// It is not the one that was expected.
    #[error(
        "`{}` has another fingerprint than expected; get it again from whoever told you the \
         fingerprint",
        .0.display()
    )]
    Fingerprint(PathBuf),
    /// It is not the one that was adopted.
    #[error(
        "`{0}` is not the trust root that was adopted; put that one back, or take a signed next \
         version with `cloister trust update NEW --trust {0}`",
        file.display()
    )]
    Changed {
        /// The file.
        file: PathBuf,
    },
    /// Too few root keys have signed.
    #[error(
        "`{0}` is signed by {signers} of the {threshold} {whose} that it needs; who holds one \
         could run `cloister trust sign {0} --key KEY`",
        file.display()
    )]
    Unsigned {
        /// The file.
        file: PathBuf,
        /// Distinct root keys that signed.
        signers: usize,
        /// How many must.
        threshold: usize,
        /// Whose keys.
        whose: String,
    },
    /// It is an older version, or another one of the same number.
    #[error("version {new} does not follow the adopted version {adopted}; ask for the newest")]
    Rollback {
        /// The version offered.
        new: u64,
        /// The adopted version.
        adopted: u64,
    },
    /// A version in between is missing.
    #[error("version {new} comes too early; take version {next} before it")]
    Skipped {
        /// The version offered.
        new: u64,
        /// The next version.
        next: u64,
    },
    /// Somebody may be withholding a newer one.
    #[error(
        "`{}` expired on {expires}; ask its root keys' holders for the next version",
        file.display()
    )]
    Expired {
        /// The file.
        file: PathBuf,
        /// Its last day.
        expires: String,
    },
    /// Its time has not begun.
    #[error("`{}` is issued on {issued}, which is to come", file.display())]
    NotYet {
        /// The file.
        file: PathBuf,
        /// Its first day.
        issued: String,
    },
    /// The person is there already.
    #[error(
        "{person} is listed already; for a second key, write another `[[person.key]]` below that \
         person's first one in `{}`",
        file.display()
    )]
    Listed {
        /// The person, as listed.
        person: String,
        /// The trust root.
        file: PathBuf,
    },
    /// A key cannot be read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The key has signed this in this role before.
    #[error("this key has signed this as {0} already")]
    Signed(&'static str),
    /// A statement cannot be written.
    #[error("the statement cannot be written: {0}")]
    Statement(String),
}
