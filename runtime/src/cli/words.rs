//! Small words that several commands say.

pub(super) use cloister::grouped;

/// Now, RFC 3339 in UTC, to the second.
pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The day `years` years from today, in UTC.
pub(super) fn in_years(years: i16) -> String {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    today.saturating_add(jiff::Span::new().years(years)).to_string()
}
