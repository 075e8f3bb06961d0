//! Casts fields of text to a declared type, strictly: what does not fit is an error.

use std::sync::Arc;

use cloister_contract::study::ColumnType;
use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use jiff::civil;
use jiff::tz::TimeZone;

use super::csv::CsvSettings;

/// A column of one batch while it is read.
pub(super) enum Builder {
    Int(Int64Builder),
    Float(Float64Builder),
    Bool(BooleanBuilder),
    Date(Date32Builder),
    DateTime(TimestampMicrosecondBuilder, TimeZone),
    Text(StringBuilder),
}

impl Builder {
    /// The Arrow type in which a column of `kind` is read.
    pub(super) fn data_type(kind: &ColumnType) -> DataType {
        match kind {
            ColumnType::Int => DataType::Int64,
            ColumnType::Float => DataType::Float64,
            ColumnType::Bool => DataType::Boolean,
            ColumnType::Date => DataType::Date32,
            ColumnType::DateTime => DataType::Timestamp(TimeUnit::Microsecond, None),
            ColumnType::Category { .. } | ColumnType::Text { .. } | ColumnType::Link => {
                DataType::Utf8
            }
        }
    }

    pub(super) fn new(kind: &ColumnType, settings: &CsvSettings) -> Result<Self, String> {
        Ok(match kind {
            ColumnType::Int => Self::Int(Int64Builder::new()),
            ColumnType::Float => Self::Float(Float64Builder::new()),
            ColumnType::Bool => Self::Bool(BooleanBuilder::new()),
            ColumnType::Date => Self::Date(Date32Builder::new()),
            ColumnType::DateTime => {
                let zone = TimeZone::get(&settings.time_zone)
                    .map_err(|_| "the time zone is not known".to_owned())?;
                Self::DateTime(TimestampMicrosecondBuilder::new(), zone)
            }
            ColumnType::Category { .. } | ColumnType::Text { .. } | ColumnType::Link => {
                Self::Text(StringBuilder::new())
            }
        })
    }

    /// Adds a field; the error says what the field is not, and never quotes it.
    pub(super) fn push(&mut self, field: &str, settings: &CsvSettings) -> Result<(), String> {
        let null = settings.null.iter().any(|null| null == field);
        let is = |value: Option<()>, wanted: String| value.ok_or(wanted);
        match self {
            Self::Text(column) => column.append_option((!null).then_some(field)),
            Self::Int(column) => {
                let value = whole(field).filter(|_| !null);
                is((null || value.is_some()).then_some(()), "not a whole number".to_owned())?;
                column.append_option(value);
            }
            Self::Float(column) => {
                let value = number(field, &settings.decimal).filter(|_| !null);
                let wanted = format!("not a number with `{}` before decimals", settings.decimal);
                is((null || value.is_some()).then_some(()), wanted)?;
                column.append_option(value);
            }
            Self::Bool(column) => {
                let value = truth(field).filter(|_| !null);
                is((null || value.is_some()).then_some(()), "neither true nor false".to_owned())?;
                column.append_option(value);
            }
            Self::Date(column) => {
                let value = date(field, &settings.date_format).filter(|_| !null);
                let wanted = format!("not a date of the form `{}`", settings.date_format);
                is((null || value.is_some()).then_some(()), wanted)?;
                column.append_option(value);
            }
            Self::DateTime(column, zone) => {
                let format = settings.datetime_format.as_deref();
                let value = instant(field, format, zone).filter(|_| !null);
                let wanted =
                    format!("not a datetime of the form `{}`", format.unwrap_or("RFC 3339"));
                is((null || value.is_some()).then_some(()), wanted)?;
                column.append_option(value);
            }
        }
        Ok(())
    }

    /// Adds a null.
    pub(super) fn push_null(&mut self) {
        match self {
            Self::Int(column) => column.append_null(),
            Self::Float(column) => column.append_null(),
            Self::Bool(column) => column.append_null(),
            Self::Date(column) => column.append_null(),
            Self::DateTime(column, _) => column.append_null(),
            Self::Text(column) => column.append_null(),
        }
    }

    pub(super) fn finish(self) -> ArrayRef {
        match self {
            Self::Int(mut column) => Arc::new(column.finish()),
            Self::Float(mut column) => Arc::new(column.finish()),
            Self::Bool(mut column) => Arc::new(column.finish()),
            Self::Date(mut column) => Arc::new(column.finish()),
            Self::DateTime(mut column, _) => Arc::new(column.finish()),
            Self::Text(mut column) => Arc::new(column.finish()),
        }
    }
}

/// Digits with an optional minus; no plus, blanks, decimals or exponents.
fn whole(field: &str) -> Option<i64> {
    let digits = field.strip_prefix('-').unwrap_or(field);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| field.parse().ok()).flatten()
}

/// Digits, an optional minus, decimals and exponent; no thousands separators.
fn number(field: &str, decimal: &str) -> Option<f64> {
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'e' | b'E');
    let mark = decimal.bytes().next()?;
    let fits = field.bytes().all(|byte| plain(byte) || byte == mark) && !field.starts_with('+');
    let text = if mark == b',' { field.replace(',', ".") } else { field.to_owned() };
    fits.then(|| text.parse::<f64>().ok()).flatten().filter(|value| value.is_finite())
}

fn truth(field: &str) -> Option<bool> {
    match field.to_ascii_lowercase().as_str() {
        "true" | "t" | "1" => Some(true),
        "false" | "f" | "0" => Some(false),
        _ => None,
    }
}

fn date(field: &str, format: &str) -> Option<i32> {
    let day = civil::Date::strptime(format, field).ok()?;
    (day - civil::date(1970, 1, 1)).get_days().into()
}

fn instant(field: &str, format: Option<&str>, zone: &TimeZone) -> Option<i64> {
    let local = |time: civil::DateTime| {
        // An hour that a change of clocks skips or repeats has no one instant.
        zone.to_ambiguous_timestamp(time).unambiguous().ok()
    };
    let found = match format {
        None => {
            let zoned = field.parse::<jiff::Timestamp>().ok();
            zoned.or_else(|| local(field.parse::<civil::DateTime>().ok()?))
        }
        Some(format) => {
            let broken = jiff::fmt::strtime::parse(format, field).ok()?;
            broken.to_timestamp().ok().or_else(|| local(broken.to_datetime().ok()?))
        }
    };
    found.map(jiff::Timestamp::as_microsecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_written_or_not_at_all() {
        assert_eq!(["7", "-7", "007"].map(whole), [Some(7), Some(-7), Some(7)]);
        for wrong in ["", "-", "+7", " 7", "7 ", "7.0", "1e3", "9223372036854775808", "٣"] {
            assert_eq!(whole(wrong), None, "{wrong}");
        }
        assert_eq!(number("-1,5", ","), Some(-1.5));
        assert_eq!(number("1.5e3", "."), Some(1_500.0));
        for wrong in ["", "1.5", "1.000,5", "nan", "inf", "1,,5", " 1", "1e999", "+1"] {
            assert_eq!(number(wrong, ","), None, "{wrong}");
        }
    }

    #[test]
    fn dates_follow_their_format() {
        assert_eq!(date("31.12.1970", "%d.%m.%Y"), Some(364));
        for wrong in ["1970-12-31", "31.2.1970", "31.12.1970 ", ""] {
            assert_eq!(date(wrong, "%d.%m.%Y"), None, "{wrong}");
        }
    }

    #[test]
    fn instants_know_their_zone() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let hours = |text, format| instant(text, format, &berlin).map(|at| at / 3_600_000_000);
        assert_eq!(hours("1970-07-01T12:00:00Z", None), Some(181 * 24 + 12));
        assert_eq!(hours("1970-01-02 12:00:00", None), Some(24 + 11), "in winter UTC+1");
        assert_eq!(hours("2.1.1970 12:00", Some("%d.%m.%Y %H:%M")), Some(24 + 11));
        // This hour came twice when the clocks went back.
        assert_eq!(hours("2020-10-25 02:30:00", None), None);
    }
}
