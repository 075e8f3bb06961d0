//! Small words that several commands say.

pub(super) use cloister::grouped;

/// Now, RFC 3339 in UTC, to the second.
pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
