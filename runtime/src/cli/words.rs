//! Small words that several commands say.

pub(super) use cloister::grouped;

/// Now, RFC 3339 in UTC, to the second.
pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The begin of a day as typed, in UTC.
pub(super) fn day(text: &str) -> Result<jiff::Timestamp, String> {
    let day = text.parse::<jiff::civil::Date>();
    let begun = day.and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC));
    begun.map(|begun| begun.timestamp()).map_err(|_| "write the day as 2026-11-23".to_owned())
}

/// The day `years` years from today, in UTC.
pub(super) fn in_years(years: i16) -> String {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    today.saturating_add(jiff::Span::new().years(years)).to_string()
}
