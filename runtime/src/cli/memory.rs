//! How much memory and disk a command may take: `--memory-limit`, `--spill`, `--spill-limit`.

use std::path::PathBuf;

use clap::Args;
use cloister::{Memory, SpillError};

#[derive(Args)]
pub(crate) struct MemoryArgs {
    /// The most memory for sorting rows, such as 512MiB or 4GB; what does not fit is spilled.
    /// Without it, memory is not limited and nothing is spilled. Decoding files and running
    /// persons takes some more on top.
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    memory_limit: Option<u64>,
    /// The folder to spill to; by default `cloister-spill` in the system's folder for temporary
    /// files. Rows of persons lie in it, readable for you alone, until the command ends.
    #[arg(long, value_name = "DIR", requires = "memory_limit")]
    spill: Option<PathBuf>,
    /// The most disk to spill to.
    #[arg(long, value_name = "SIZE", value_parser = bytes, default_value = "20GiB",
        requires = "memory_limit")]
    spill_limit: u64,
}

impl MemoryArgs {
    /// Makes the spill folder, if memory is limited.
    pub(crate) fn open(&self) -> Result<Memory, SpillError> {
        let Some(limit) = self.memory_limit else { return Ok(Memory::default()) };
        let default = || std::env::temp_dir().join("cloister-spill");
        let spill = self.spill.clone().unwrap_or_else(default);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Memory::limited(limit, &spill, self.spill_limit)
    }
}

/// A size with its unit: `512MiB`, `20 GB`.
fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || "write it as 512MiB or 20GB".to_owned();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "kib" | "k" => 1 << 10,
        "mib" | "m" => 1 << 20,
        "gib" | "g" => 1 << 30,
        // A bare number is as often meant as megabytes as it is as bytes.
        _ => return Err(wrong()),
    };
    number.checked_mul(factor).filter(|bytes| *bytes > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_have_a_unit() {
        assert_eq!(bytes("512MiB"), Ok(512 << 20));
        assert_eq!(bytes("20 gb"), Ok(20_000_000_000));
        for wrong in ["", "512", "MiB", "1.5GiB", "-1MiB", "0MiB", "99999999999GiB", "4 parsecs"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}
