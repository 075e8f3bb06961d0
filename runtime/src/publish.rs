//! Writes an answer to a folder: all of it or nothing.
//!
//! Everything is written and synced in a private folder beside the wanted one, then renamed. A
//! Ctrl-C or a full disk leaves no half-written release.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use cloister_contract::release::ReleaseDocument;

use crate::run::private_temp;
use crate::site::Answer;
use crate::{trust, views};

/// An answer cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The folder has something in it.
    #[error(
        "`{}` is not empty, and a release is never overwritten; choose another folder",
        .0.display()
    )]
    NotEmpty(PathBuf),
    /// The folder is a link, or has no name of its own.
    #[error("`{}` is a link or has no name of its own; name a new folder", .0.display())]
    NoFolder(PathBuf),
    /// The folder cannot be written.
    #[error("nothing was released: `{}` cannot be written: {source}", folder.display())]
    Write {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A view of the release cannot be made.
    #[error("nothing was released: {0}")]
    View(String),
}

/// A folder for one answer, made before the run so that a mistake costs no time; without
/// [`Place::publish`] nothing of it stays.
#[derive(Debug)]
pub struct Place {
    folder: PathBuf,
    partial: tempfile::TempDir,
}

impl Place {
    /// Prepares to write into `folder`, which must not exist or be empty.
    ///
    /// # Errors
    /// [`PublishError`] if it is not empty or cannot be written.
    pub fn prepare(folder: &Path) -> Result<Self, PublishError> {
        let failed = |source| PublishError::Write { folder: folder.to_owned(), source };
        let named = matches!(folder.components().next_back(), Some(Component::Normal(_)));
        let link = fs::symlink_metadata(folder).is_ok_and(|found| found.is_symlink());
        if !named || link {
            return Err(PublishError::NoFolder(folder.to_owned()));
        }
        match fs::read_dir(folder) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Err(PublishError::NotEmpty(folder.to_owned()));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let parent = match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(failed)?;
        let partial = private_temp(parent, ".cloister-partial-").map_err(failed)?;
        // A folder that exists must be ours to replace.
        if folder.exists() {
            tempfile::tempfile_in(folder).map_err(failed)?;
        }
        Ok(Self { folder: folder.to_owned(), partial })
    }

    /// Writes `answer` and its views; returns the files' names.
    ///
    /// # Errors
    /// [`PublishError`] if they cannot be written; then nothing is there.
    pub fn publish(self, answer: &Answer) -> Result<Vec<String>, PublishError> {
        let view = |error: views::ViewError| PublishError::View(error.to_string());
        let (document, mut files) = match answer {
            Answer::Sealed(sealed) => {
                let name = "release.json";
                let beside = trust::signatures_of(Path::new(name)).to_string_lossy().into_owned();
                let line = format!("{}\n", sealed.envelope()).into_bytes();
                let files = vec![(name.to_owned(), sealed.bytes().to_vec()), (beside, line)];
                (sealed.document(), files)
            }
            Answer::Unprotected(exact) => {
                let bytes = exact.document().encode();
                let bytes = bytes.map_err(|error| PublishError::View(error.to_string()))?;
                (exact.document(), vec![("UNPROTECTED-release.json".to_owned(), bytes)])
            }
        };
        let name = |file: &str| match answer {
            Answer::Sealed(_) => file.to_owned(),
            Answer::Unprotected(_) => format!("UNPROTECTED-{file}"),
        };
        files.push((name("cells.csv"), views::csv(document).map_err(view)?));
        files.push((name("cells.parquet"), views::parquet(document).map_err(view)?));
        self.write(files)
    }

    /// Writes `files`, by name; returns the names.
    ///
    /// # Errors
    /// [`PublishError`] if they cannot be written; then nothing is there.
    pub(crate) fn write(self, files: Vec<(String, Vec<u8>)>) -> Result<Vec<String>, PublishError> {
        let failed = |source| PublishError::Write { folder: self.folder.clone(), source };
        let partial = self.partial.path();
        for (name, bytes) in &files {
            write_synced(&partial.join(name), bytes).map_err(failed)?;
        }
        #[cfg(unix)]
        {
            // Until here nobody else could look in; the release is for whoever may read its parent.
            let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            fs::set_permissions(partial, open).map_err(failed)?;
        }
        sync_folder(partial).map_err(failed)?;
        fs::rename(partial, &self.folder).map_err(failed)?;
        if let Some(parent) = self.partial.path().parent() {
            sync_folder(parent).map_err(failed)?;
        }
        // What the guard would remove is where the release was made, and that is gone.
        drop(self.partial.keep());
        Ok(files.into_iter().map(|(name, _)| name).collect())
    }
}

/// Replaces `file` by one with `bytes`: the old one or the new one is there, never a part.
pub(crate) fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_for(0o644, file, bytes)
}

/// As [`replace`], for the owner alone.
pub(crate) fn replace_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_for(0o600, file, bytes)
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "modes are a thing of Unix"))]
fn replace_for(mode: u32, file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut partial = tempfile::NamedTempFile::new_in(folder)?;
    partial.write_all(bytes)?;
    partial.as_file().sync_all()?;
    #[cfg(unix)]
    {
        let open = std::os::unix::fs::PermissionsExt::from_mode(mode);
        partial.as_file().set_permissions(open)?;
    }
    partial.persist(file)?;
    sync_folder(folder)
}

fn write_synced(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut opened = File::create_new(file)?;
    opened.write_all(bytes)?;
    opened.sync_all()
}

/// Has the names in `folder` on the disk.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened to be synced.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// The document of an answer.
#[must_use]
pub const fn document(answer: &Answer) -> &ReleaseDocument {
    match answer {
        Answer::Sealed(sealed) => sealed.document(),
        Answer::Unprotected(exact) => exact.document(),
    }
}
