//! Files of text that others wrote, read up to a limit.

use std::io::Read as _;
use std::path::Path;

/// The text of `file`, if it is no longer than `bytes_max`.
pub(crate) fn read_bounded(file: &Path, bytes_max: u64) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(file)?.take(bytes_max + 1).read_to_string(&mut text)?;
    if text.len() as u64 > bytes_max {
        return Err(std::io::Error::other(format!("it is over {bytes_max} bytes")));
    }
    Ok(text)
}
