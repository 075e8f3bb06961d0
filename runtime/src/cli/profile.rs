//! `--profile` and `--tier`, the same in every command that protects numbers.

use clap::Args;
use cloister::{Profile, ProfileError, Tier};

#[derive(Args)]
pub(crate) struct ProfileArgs {
    /// The numbers by which the release is protected: `hospital`, `cms`, `strict`, `public` or
    /// `exact`, or a file FILE.toml that is no weaker than the one whose name it carries.
    #[arg(long, short, value_name = "NAME", default_value = "hospital")]
    profile: String,
    /// Who stands behind the module: `reviewed`, by reviewers, or `open`, by its author, with noise
    /// in every number. By default what the profile has, and `reviewed` if it has both.
    #[arg(long, value_name = "TIER")]
    tier: Option<Tier>,
}

impl ProfileArgs {
    /// The profile that is meant, in its tier.
    pub(super) fn open(&self) -> Result<Profile, ProfileError> {
        let profile = Profile::named(&self.profile)?;
        match self.tier {
            Some(tier) => profile.in_tier(tier),
            None => Ok(profile),
        }
    }
}
