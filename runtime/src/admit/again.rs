//! What was admitted and answered once, admitted again for a replay, from which nothing leaves.

use super::{Admitted, Form, Ground, Module, Refusal};
use crate::dataset::Dataset;
use crate::keys::SiteSecret;
use crate::ledger::Stored;
use crate::protect::Profile;
use crate::run::DigestKey;
use crate::site::Site;

/// A job that was answered.
pub(crate) struct Again<'s> {
    /// What was kept of it.
    pub(crate) stored: &'s Stored,
    /// The same dataset.
    pub(crate) dataset: Dataset,
    /// The same profile.
    pub(crate) profile: Profile,
    /// What the keys of its digests and noise are made of.
    pub(crate) secret: &'s SiteSecret,
}

/// Makes what was answered ready to run once more. Who signed it was decided then: a certificate
/// that has lapsed since changes nothing of what was released.
///
/// # Errors
/// [`Refusal`] if it cannot be made ready.
pub(crate) async fn admit_again(again: Again<'_>, site: &Site) -> Result<Admitted, Refusal> {
    let Again { stored, dataset, profile, secret } = again;
    let module = Module::of(stored.module.clone())?;
    let ground = Ground::answered(&module, &stored.kept);
    let key = DigestKey::of_population(secret, dataset.population());
    let form = Form::fill(module, ground, dataset, profile, stored.dossier.params.clone())?;
    let noise = form.noise(secret, &stored.epoch);
    let admitted = form.prepare((&site.processes, site.options.at_once())).await?;
    Ok(Admitted { key, noise, ..admitted })
}
