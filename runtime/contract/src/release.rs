//! The released document: what leaves a site, in one canonical form; `docs/release.md` describes
//! every field.
//!
//! Canonical means: fields in the order below, cells in the study file's order, numbers in the
//! shortest decimal form that reads back as the same value, two spaces of indentation, a final
//! newline. [`ReleaseDocument::decode`] accepts these bytes and no others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The value of `schema` in this version.
pub const RELEASE_SCHEMA: &str = "cloister.release/1";
/// Most bytes of a release that are read.
pub const RELEASE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What leaves a site for one job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseDocument {
    /// [`RELEASE_SCHEMA`].
    pub schema: String,
    /// Whether the numbers passed the disclosure rules.
    pub protection: Protection,
    /// The study.
    pub study: StudyId,
    /// SHA-256 of the module, as signed.
    pub module: Digest,
    /// The parameters by name.
    pub params: BTreeMap<String, serde_json::Value>,
    /// The digest of each code set as resolved at the site; see [`crate::job::CodeList::digest`].
    pub codes: BTreeMap<String, Digest>,
    /// The dataset, by what is published about it.
    pub dataset: DatasetId,
    /// The profile.
    pub profile: ProfileId,
    /// How many bits can have left with it at most, in the tier `reviewed`; nothing bounds exact
    /// numbers, and ε bounds noised ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits: Option<u64>,
    /// How its numbers were noised, in the tier `open`; absent in `reviewed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
    /// What ran the guest.
    pub engine: EngineId,
    /// Every declared cell, in the study file's order.
    pub cells: Vec<CellDocument>,
}

/// Whether the numbers of a release passed the disclosure rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protection {
    /// They did.
    #[serde(rename = "protected")]
    Protected,
    /// They are exact, of a dataset that is synthetic or public; never sealed.
    #[serde(rename = "UNPROTECTED")]
    Unprotected,
}

/// A study by name, version and the digest of its study file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudyId {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the study file in the module.
    pub sha256: Digest,
}

/// A dataset by what is published about it; never by a digest of its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetId {
    /// Its name.
    pub name: String,
    /// No row is later.
    pub snapshot_date: String,
    /// The rounded number of persons that the site publishes.
    pub published_persons: u64,
    /// Whether its persons are invented.
    pub synthetic: bool,
    /// Whether anybody may have it.
    pub public: bool,
    /// Whether each row of a flat table counts as a person of its own.
    pub row_is_person: bool,
}

/// A profile by name and the digest of its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileId {
    /// Its name.
    pub name: String,
    /// SHA-256 of the profile's file.
    pub sha256: Digest,
}

/// The noise of a release, and what of differential privacy it cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// The distribution, over whole numbers.
    pub mechanism: NoiseMechanism,
    /// What the job cost: ρ of zero-concentrated differential privacy, for one person.
    pub rho: f64,
    /// The same as ε, beside `delta`.
    pub epsilon: f64,
    /// δ.
    pub delta: f64,
    /// With which probability the interval of one noised number holds the exact one.
    pub interval_probability: f64,
    /// The noise of each number of each output.
    pub scales: Vec<NoiseScale>,
}

/// A distribution of noise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoiseMechanism {
    /// Discrete Gaussian.
    #[default]
    Gaussian,
    /// Discrete Laplace.
    Laplace,
}

/// The noise of one number of an output, the same in each of its cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoiseScale {
    /// The output.
    pub output: String,
    /// Which of its numbers.
    pub number: NoisedNumber,
    /// Cells of the output that one person can be in, margins included.
    pub cells_per_person: u64,
    /// σ (Gaussian) or b (Laplace), in the unit of the number.
    pub scale: f64,
}

/// A number of a cell that noise is added to; all others follow from these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoisedNumber {
    /// The persons.
    Persons,
    /// Σ(x − low).
    Excess,
    /// Σ(x − low)².
    ExcessSquares,
}

/// What ran the guest: another version of any of these is another job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineId {
    /// The host's version.
    pub cloister: String,
    /// The WebAssembly engine.
    pub engine: String,
    /// The version of the boundary in `ABI.md`.
    pub abi: u32,
}

/// One declared cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellDocument {
    /// The output.
    pub output: String,
    /// The label of each dimension; in a total, those that were summed over are absent.
    pub cell: Labels,
    /// `value` or `withheld`: one word for zero, small and every other reason.
    pub status: Status,
    /// How many persons contributed: at least, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<[u64; 2]>,
    /// The headline: the middle of `persons` (`count`, `histogram`), `sum` or `mean` (`moments`);
    /// with noise what the noised numbers say themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Σx, in the output's unit: at least, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<[f64; 2]>,
    /// Σ(x − low), where low is the output's lower bound: at least, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excess: Option<[f64; 2]>,
    /// Σ(x − low)²: at least, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excess_squares: Option<[f64; 2]>,
    /// The mean of x that the numbers above allow: at least, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<[f64; 2]>,
    /// The standard deviation of x (n − 1) that the numbers above allow: at least, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sd: Option<[f64; 2]>,
}

/// The label of each dimension of a cell, in the order of the output's `by`; written as a map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// The label of `dimension`; `None` if it was summed over.
    #[must_use]
    pub fn get(&self, dimension: &str) -> Option<&str> {
        self.iter().find(|(name, _)| *name == dimension).map(|(_, label)| label)
    }

    /// Dimensions and labels in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, label)| (name.as_str(), label.as_str()))
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Labels {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(labels: I) -> Self {
        Self(labels.into_iter().map(|(name, label)| (name.into(), label.into())).collect())
    }
}

impl Serialize for Labels {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> serde::de::Visitor<'de> for InOrder {
            type Value = Labels;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a map of dimensions to labels")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Labels, A::Error> {
                let mut labels = Labels::default();
                while let Some((name, label)) = map.next_entry::<String, String>()? {
                    if labels.get(&name).is_some() {
                        return Err(serde::de::Error::custom("a dimension is there twice"));
                    }
                    labels.0.push((name, label));
                }
                Ok(labels)
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// Whether a cell is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is.
    Value,
    /// It is not; nothing tells why.
    Withheld,
}

/// The bytes are not a release in canonical form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a release in canonical form: {0}")]
pub struct NotARelease(String);

impl ReleaseDocument {
    /// The canonical bytes.
    ///
    /// # Errors
    /// [`NotARelease`] if a number is not finite.
    pub fn encode(&self) -> Result<Vec<u8>, NotARelease> {
        let finite = |value: &f64| value.is_finite();
        let numbers = self.cells.iter().flat_map(|cell| {
            let pairs = [cell.sum, cell.excess, cell.excess_squares, cell.mean, cell.sd];
            pairs.into_iter().flatten().flatten().chain(cell.value)
        });
        let noise = self.noise.iter().flat_map(|noise| {
            let scales = noise.scales.iter().map(|scale| scale.scale);
            let Noise { rho, epsilon, delta, interval_probability, .. } = *noise;
            scales.chain([rho, epsilon, delta, interval_probability])
        });
        if !numbers.into_iter().chain(noise).all(|value| finite(&value)) {
            return Err(NotARelease("a number is not finite".to_owned()));
        }
        let mut bytes =
            serde_json::to_vec_pretty(self).map_err(|error| NotARelease(error.to_string()))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`NotARelease`] for anything else, unknown fields and other spellings included.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotARelease> {
        if bytes.len() > RELEASE_BYTES_MAX {
            return Err(NotARelease(format!("over {RELEASE_BYTES_MAX} bytes")));
        }
        let document: Self =
            serde_json::from_slice(bytes).map_err(|error| NotARelease(error.to_string()))?;
        if document.schema != RELEASE_SCHEMA {
            return Err(NotARelease(format!("the schema is not `{RELEASE_SCHEMA}`")));
        }
        if document.encode()? != bytes {
            return Err(NotARelease("another spelling of the same document".to_owned()));
        }
        Ok(document)
    }
}
