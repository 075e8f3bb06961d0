//! Days, in UTC: a validity begins with its first day and ends with its last.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A day in UTC, written `2026-11-22`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Day(Date);

impl Day {
    /// The day of `instant`.
    pub(super) fn of(instant: Timestamp) -> Self {
        Self(TimeZone::UTC.to_datetime(instant).date())
    }

    /// The day after; a day of grace for clocks that differ, and for days that are not UTC's.
    pub(super) fn next(self) -> Self {
        Self(self.0.tomorrow().unwrap_or(self.0))
    }

    /// The day thirty days after.
    pub(super) fn in_thirty_days(self) -> Self {
        Self(self.0.checked_add(jiff::Span::new().days(30)).unwrap_or(self.0))
    }

    /// The same day a year later.
    pub(super) fn in_a_year(self) -> Self {
        Self(self.0.checked_add(jiff::Span::new().years(1)).unwrap_or(self.0))
    }
}

impl std::str::FromStr for Day {
    type Err = String;

    /// One spelling alone.
    fn from_str(text: &str) -> Result<Self, String> {
        let shown: String = text.chars().take(20).collect();
        let wrong = || format!("`{}` is no day; write it as `2026-11-22`", shown.escape_debug());
        let date = Date::strptime("%Y-%m-%d", text).map_err(|_| wrong())?;
        if date.to_string() == text { Ok(Self(date)) } else { Err(wrong()) }
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The day of an instant that a signer wrote, RFC 3339 in UTC.
pub(super) fn day_signed(signed_at: &str) -> Result<Day, String> {
    let wrong = || "its `signed_at` is no instant, RFC 3339 in UTC".to_owned();
    let instant: Timestamp = signed_at.parse().map_err(|_| wrong())?;
    if signed_at.ends_with('Z') { Ok(Day::of(instant)) } else { Err(wrong()) }
}
