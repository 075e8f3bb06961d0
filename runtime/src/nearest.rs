//! The name that was meant by one that is not there.

/// The one of `names` that `name` was meant to be, if one is near: a slip for every five letters,
/// and none for case.
pub(crate) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let name = name.to_ascii_lowercase();
    let far = |known: &&str| strsim::osa_distance(&name, &known.to_ascii_lowercase());
    names.min_by_key(far).filter(|known| far(known) <= (name.len() / 5).max(1))
}
