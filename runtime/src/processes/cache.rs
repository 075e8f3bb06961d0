//! Machine code of modules that were compiled before, kept at the site.
//!
//! Whoever could write here could run code in a worker. So an entry is named by all that made it
//! (module, limits, parameters, engine, processor, this build of the program), it has a tag that
//! only the site's secret gives, and what is wrong in any way is compiled anew. The parent reads it
//! as bytes; only a confined worker ever runs it.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use cloister_contract::digest::Digest;
use cloister_sandbox::{Compiled, ENGINE};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::compiler::CODE_BYTES_MAX;

/// Bytes of all entries; the oldest go first.
const BYTES_MAX: u64 = 1 << 30;
const TAG_BYTES: usize = 32;
const SECRET: &str = "secret";
const END: &str = "code";

/// A folder of machine code, and the secret by which its entries are known.
pub struct CodeCache {
    folder: PathBuf,
    secret: [u8; 32],
}

impl std::fmt::Debug for CodeCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeCache").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// The folder cannot hold machine code.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// A file cannot be read or written.
    #[error("the code cache `{}` cannot be used: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others may read or write it.
    #[error(
        "the code cache `{}` must be yours alone, as what it holds is run; empty it, and take it \
         back with `chmod 700`",
        .0.display()
    )]
    Open(PathBuf),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
}

impl CodeCache {
    /// The cache in `folder`, which is made (0700, with a new secret) if it is not there.
    ///
    /// # Errors
    /// [`CacheError`] if it cannot be made or read, or is not its owner's alone.
    pub fn open(folder: &Path) -> Result<Self, CacheError> {
        let failed = |file: &Path| {
            let file = file.to_owned();
            move |source| CacheError::File { file, source }
        };
        make(folder).map_err(failed(folder))?;
        let own = fs::metadata("/proc/self").map_err(failed(folder))?;
        if !alone(&fs::metadata(folder).map_err(failed(folder))?, &own) {
            return Err(CacheError::Open(folder.to_owned()));
        }
        let file = folder.join(SECRET);
        if !file.exists() {
            let mut secret = [0; 32];
            getrandom::fill(&mut secret).map_err(|_| CacheError::Random)?;
            match whole(folder, &file, &[&secret], false) {
                // Another run was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made.map_err(failed(&file))?,
            }
        }
        let mut opened = File::open(&file).map_err(failed(&file))?;
        if !alone(&opened.metadata().map_err(failed(&file))?, &own) {
            return Err(CacheError::Open(file));
        }
        let mut secret = [0; 32];
        opened.read_exact(&mut secret).map_err(failed(&file))?;
        Ok(Self { folder: folder.to_owned(), secret })
    }

    /// The place of the code that this program's compiler makes when it is told `order`; none if
    /// program or engine cannot be told apart from others.
    pub(super) fn entry(&self, order: &[u8]) -> Option<Entry<'_>> {
        let program = fs::metadata("/proc/self/exe").ok()?;
        let bound = Compiled::bound_to().ok()?;
        let build = (program.len(), program.modified().ok()?);
        let what = format!("{ENGINE} {bound:x} {build:?} {}", Digest::of(order));
        let made_of = Digest::of(what.as_bytes());
        let file = self.folder.join(format!("{made_of}.{END}"));
        Some(Entry { cache: self, made_of, file })
    }

    /// Removes the oldest entries until there is room for `bytes` more.
    fn make_room(&self, bytes: u64) -> io::Result<()> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let file = entry?.path();
            if file.extension().is_some_and(|end| end == END) {
                let found = fs::metadata(&file)?;
                entries.push((found.modified()?, found.len(), file));
            }
        }
        entries.sort();
        let mut all: u64 = entries.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, len, file) in entries {
            if all.saturating_add(bytes) <= BYTES_MAX {
                break;
            }
            fs::remove_file(file)?;
            all = all.saturating_sub(len);
        }
        Ok(())
    }
}

/// Where one module's code is, or would be.
pub(super) struct Entry<'c> {
    cache: &'c CodeCache,
    /// SHA-256 of all that makes the code what it is.
    made_of: Digest,
    file: PathBuf,
}

impl Entry<'_> {
    /// The code, if it is here and the site wrote it.
    pub(super) fn read(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let bytes_max = (CODE_BYTES_MAX + TAG_BYTES) as u64;
        File::open(&self.file).ok()?.take(bytes_max).read_to_end(&mut bytes).ok()?;
        let right = bytes.split_first_chunk::<TAG_BYTES>().and_then(|(tag, code)| {
            self.mac(code)?.verify_slice(tag).ok()?;
            Some(code.to_vec())
        });
        let file = self.file.display();
        match right {
            Some(_) => tracing::info!(%file, "the module was compiled before"),
            None => tracing::warn!(%file, "not what this site wrote; the module is compiled anew"),
        }
        right
    }

    /// Keeps `code`; without room or rights the next run compiles once more.
    pub(super) fn write(&self, code: &[u8]) {
        let written = || {
            let tag = self.mac(code).ok_or(io::ErrorKind::Other)?.finalize().into_bytes();
            self.cache.make_room((code.len() + TAG_BYTES) as u64)?;
            whole(&self.cache.folder, &self.file, &[&tag, code], true)
        };
        if let Err(error) = written() {
            tracing::warn!(file = %self.file.display(), %error, "the code is not kept");
        }
    }

    fn mac(&self, code: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.cache.secret).ok()?;
        mac.update(self.made_of.to_string().as_bytes());
        mac.update(code);
        Some(mac)
    }
}

/// Writes `file` (0600) whole or not at all, over what is there or only where nothing is.
fn whole(folder: &Path, file: &Path, parts: &[&[u8]], over: bool) -> io::Result<()> {
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    parts.iter().try_for_each(|part| temporary.write_all(part))?;
    temporary.as_file().sync_all()?;
    if over {
        temporary.persist(file)?
    } else {
        temporary.persist_noclobber(file)?
    };
    Ok(())
}

/// Makes `folder`, its owner's alone, if it is not there.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Whether `found` belongs to the owner of `own`, and nobody else may read or write it.
#[cfg(unix)]
fn alone(found: &Metadata, own: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    found.mode() & 0o077 == 0 && found.uid() == own.uid()
}

/// Where it cannot be told whose a file is, there is no cache.
#[cfg(not(unix))]
const fn alone(_: &Metadata, _: &Metadata) -> bool {
    false
}
