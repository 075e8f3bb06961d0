//! How a site's column becomes a declared one: the table below, and nothing is lost on the way.
//!
//! | declared | from | unless |
//! |---|---|---|
//! | `int` | integers, booleans as 0 and 1 | over 64 bits |
//! | `int` | floats and decimals | a value is not whole, or not below 2^53 in a float |
//! | `float` | floats; integers and decimals | not below 2^53, where a double would round |
//! | `bool` | booleans; integers | a value is neither 0 nor 1 |
//! | `date` | dates; timestamps | a value has a time of day |
//! | `datetime` | timestamps; dates as midnight; no zone is UTC | a value has nanoseconds |
//! | `category` | text, of any encoding | – |
//! | `text` | text, of any encoding | a value is longer than `bytes_max` |
//! | `link` | integers, text; floats and decimals | a value is not whole, as for `int` |
//!
//! Dictionaries are read as their values. A column that holds only nulls fits every type.

use cloister_contract::frame::{Bits, ColumnSlice, Values};
use cloister_contract::study::ColumnType;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int32Array, new_null_array};
use datafusion::arrow::compute::{CastOptions, cast_with_options, concat};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};

/// A column does not hold what the study declares. It names no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CastError(String);

/// Every smaller whole number is a double of its own; this one stands for the next one too.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
const DAY_MICROS: i64 = 86_400_000_000;

/// Whether a column of type `ty` may hold what `kind` declares, before any value is seen.
///
/// # Errors
/// What does not fit, and what would.
pub(super) fn can_hold(ty: &DataType, kind: &ColumnType) -> Result<(), String> {
    let number = ty.is_numeric() && *ty != DataType::Float16;
    let fits = match (kind, ty) {
        (_, DataType::Dictionary(_, value)) => return can_hold(value, kind),
        // Real exports type a column that is always null as text: its values decide.
        (_, DataType::Null) => true,
        (_, ty) if is_text(ty) => true,
        (ColumnType::Int | ColumnType::Bool, DataType::Boolean) => true,
        (ColumnType::Int | ColumnType::Float | ColumnType::Link, _) => number,
        (ColumnType::Bool, _) => ty.is_integer(),
        (ColumnType::Date | ColumnType::DateTime, _) => {
            matches!(ty, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..))
        }
        (ColumnType::Category { .. } | ColumnType::Text { .. }, _) => false,
    };
    if fits { Ok(()) } else { Err(misfit(ty, kind)) }
}

/// Whether a column of type `ty` may be filtered by concepts (else by text codes).
pub(super) fn can_filter(ty: &DataType, concepts: bool) -> Result<(), String> {
    match ty {
        DataType::Dictionary(_, value) => can_filter(value, concepts),
        DataType::Null => Ok(()),
        ty if concepts && ty.is_numeric() => Ok(()),
        ty if !concepts && is_text(ty) => Ok(()),
        ty if concepts => Err(format!("it is {ty}, and concept ids are integers")),
        ty => Err(format!("it is {ty}, and text codes are text")),
    }
}

fn is_text(ty: &DataType) -> bool {
    matches!(ty, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn misfit(ty: &DataType, kind: &ColumnType) -> String {
    let name = kind.name();
    format!("it is {ty}, which does not fit the declared `{name}`; map it, or declare another type")
}

/// The values of `array` in the one Arrow type that stands for `kind`: Int64, Float64, Boolean,
/// Date32, Timestamp(µs), Int32 (category) or Utf8.
///
/// # Errors
/// [`CastError`] if a value would be lost or changed.
pub(crate) fn normalise(array: &ArrayRef, kind: &ColumnType) -> Result<ArrayRef, CastError> {
    if array.null_count() == array.len() {
        return Ok(new_null_array(&target(kind), array.len()));
    }
    match array.data_type() {
        DataType::Dictionary(_, value) => normalise(&to(array, value)?, kind),
        ty if is_text(ty) && !is_text(&target(kind)) => match kind {
            ColumnType::Category { labels } => category(array, labels),
            _ => Err(CastError(misfit(ty, kind))),
        },
        ty => match kind {
            ColumnType::Int => int(array, ty),
            ColumnType::Float => float(array, ty),
            ColumnType::Bool => bool(array, ty),
            ColumnType::Date => date(array, ty),
            ColumnType::DateTime => datetime(array, ty),
            ColumnType::Text { bytes_max } => text(array, *bytes_max),
            ColumnType::Link => link(array, ty),
            ColumnType::Category { .. } => Err(CastError(misfit(ty, kind))),
        },
    }
}

/// As [`normalise`], and where `strict` is false a value that would be lost becomes null, and its
/// row is told: whether a value fits is a fact about somebody, so over data that are neither
/// synthetic nor public it may decide over that person alone, and never over the run.
///
/// # Errors
/// [`CastError`] if `strict` and a value would be lost or changed.
pub(crate) fn fit(
    array: &ArrayRef,
    kind: &ColumnType,
    strict: bool,
) -> Result<(ArrayRef, Option<Vec<bool>>), CastError> {
    let whole = normalise(array, kind);
    if strict || whole.is_ok() {
        return whole.map(|column| (column, None));
    }
    let null = new_null_array(&target(kind), 1);
    let rows: Vec<Option<ArrayRef>> =
        (0..array.len()).map(|row| normalise(&array.slice(row, 1), kind).ok()).collect();
    let unfit = rows.iter().map(Option::is_none).collect();
    let rows: Vec<&dyn Array> =
        rows.iter().map(|row| row.as_ref().unwrap_or(&null).as_ref()).collect();
    let column = concat(&rows).map_err(|_| CastError("its rows cannot be joined".to_owned()))?;
    Ok((column, Some(unfit)))
}

fn target(kind: &ColumnType) -> DataType {
    match kind {
        ColumnType::Int => DataType::Int64,
        ColumnType::Float => DataType::Float64,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::DateTime => DataType::Timestamp(TimeUnit::Microsecond, None),
        ColumnType::Category { .. } => DataType::Int32,
        // Ids as text; each person's are replaced by ordinals before the guest sees them.
        ColumnType::Text { .. } | ColumnType::Link => DataType::Utf8,
    }
}

/// Arrow's cast, where a value that does not fit is an error and not a null.
fn to(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef, CastError> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    // Arrow's message would quote the value.
    cast_with_options(array, ty, &options)
        .map_err(|_| CastError(format!("a value of type {} does not fit {ty}", array.data_type())))
}

fn all<T>(
    values: impl Iterator<Item = Option<T>>,
    fits: impl Fn(T) -> bool,
    what: &str,
) -> Result<(), CastError> {
    let mut values = values.flatten();
    if values.all(fits) { Ok(()) } else { Err(CastError(what.to_owned())) }
}

fn int(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef, CastError> {
    match ty {
        DataType::Float32 | DataType::Float64 => {
            let floats = to(array, &DataType::Float64)?;
            let whole = |value: f64| value.fract() == 0.0 && value.abs() < WHOLE_MAX;
            let what = "a value is not a whole number below 2^53; declare it `float`";
            all(floats.as_primitive::<Float64Type>().iter(), whole, what)?;
            to(&floats, &DataType::Int64)
        }
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => {
            let whole = to(array, &DataType::Int64)?;
            let back = to(&whole, ty)?;
            let same = back.to_data() == array.to_data() || back.as_ref() == array.as_ref();
            let what = "a value is not a whole number; declare it `float`";
            if same { Ok(whole) } else { Err(CastError(what.to_owned())) }
        }
        _ => to(array, &DataType::Int64),
    }
}

fn float(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef, CastError> {
    let floats = to(array, &DataType::Float64)?;
    let values = floats.as_primitive::<Float64Type>();
    let what = "a value has more digits than a double holds";
    let exact = |scale: i8| move |value: f64| (value * 10_f64.powi(scale.into())).abs() < WHOLE_MAX;
    match ty {
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => all(values.iter(), exact(*scale), what)?,
        ty if ty.is_integer() => all(values.iter(), exact(0), what)?,
        _ => {}
    }
    Ok(floats)
}

fn bool(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef, CastError> {
    if ty.is_integer() {
        let ints = to(array, &DataType::Int64)?;
        let values = ints.as_primitive::<Int64Type>();
        all(values.iter(), |value| value == 0 || value == 1, "a value is neither 0 nor 1")?;
    }
    to(array, &DataType::Boolean)
}

fn date(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef, CastError> {
    if matches!(ty, DataType::Timestamp(..) | DataType::Date64) {
        let micros = datetime(array, ty)?;
        let midnight = |value: i64| value.rem_euclid(DAY_MICROS) == 0;
        let what = "a value has a time of day; declare it `datetime`";
        all(micros.as_primitive::<TimestampMicrosecondType>().iter(), midnight, what)?;
        return to(&micros, &DataType::Date32);
    }
    to(array, &DataType::Date32)
}

fn datetime(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef, CastError> {
    if let DataType::Timestamp(TimeUnit::Nanosecond, _) = ty {
        let nanos = to(array, &DataType::Int64)?;
        let what = "a value has nanoseconds, and `datetime` has microseconds";
        all(nanos.as_primitive::<Int64Type>().iter(), |value| value % 1_000 == 0, what)?;
    }
    // An instant with a zone is stored as UTC: dropping the zone's name keeps it.
    if let DataType::Timestamp(unit, Some(_)) = ty {
        let ints = to(array, &DataType::Int64)?;
        let plain = to(&ints, &DataType::Timestamp(*unit, None))?;
        return to(&plain, &target(&ColumnType::DateTime));
    }
    to(array, &target(&ColumnType::DateTime))
}

fn text(array: &ArrayRef, bytes_max: u32) -> Result<ArrayRef, CastError> {
    let texts = to(array, &DataType::Utf8)?;
    let fits = |value: &str| value.len() <= bytes_max as usize;
    let what = format!("a value is longer than the declared {bytes_max} bytes");
    all(texts.as_string::<i32>().iter(), fits, &what)?;
    Ok(texts)
}

/// Ids as text, numbers in decimal: the same id is the same text in every table, also where a
/// column became floating point because some rows have none.
fn link(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef, CastError> {
    if !ty.is_numeric() {
        return to(array, &DataType::Utf8);
    }
    let what = "a value is not a whole number below 2^53, and a `link` is made of whole numbers \
                or of text; map it in a view";
    to(&int(array, ty).map_err(|_| CastError(what.to_owned()))?, &DataType::Utf8)
}

fn category(array: &ArrayRef, labels: &[String]) -> Result<ArrayRef, CastError> {
    let texts = to(array, &DataType::Utf8)?;
    let index = |value: &str| {
        let at = labels.iter().position(|label| label == value).unwrap_or(labels.len());
        i32::try_from(at).unwrap_or(i32::MAX)
    };
    let texts = texts.as_string::<i32>().iter();
    let indices: Int32Array = texts.map(|value| value.map(index)).collect();
    Ok(std::sync::Arc::new(indices))
}

/// A normalised column as the frame's encoder takes it.
#[must_use]
pub(crate) fn column_slice<'a>(array: &'a dyn Array, kind: &ColumnType) -> ColumnSlice<'a> {
    let values = match kind {
        ColumnType::Int => Values::Int(array.as_primitive::<Int64Type>().values()),
        ColumnType::Float => Values::Float(array.as_primitive::<Float64Type>().values()),
        ColumnType::Bool => {
            let bits = array.as_boolean().values();
            Values::Bool(Bits::new(bits.values(), bits.offset()))
        }
        ColumnType::Date => Values::Date(array.as_primitive::<Date32Type>().values()),
        ColumnType::DateTime => {
            Values::DateTime(array.as_primitive::<TimestampMicrosecondType>().values())
        }
        ColumnType::Category { .. } => Values::Ordinal(array.as_primitive::<Int32Type>().values()),
        ColumnType::Text { .. } | ColumnType::Link => {
            let texts = array.as_string::<i32>();
            Values::Text { offsets: texts.value_offsets(), bytes: texts.value_data() }
        }
    };
    let nulls = array.nulls();
    let validity = nulls.map(|nulls| Bits::new(nulls.validity(), nulls.offset()));
    ColumnSlice { values, validity }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{
        BooleanArray, Decimal128Array, DictionaryArray, Float64Array, Int64Array, StringArray,
        StringViewArray, TimestampNanosecondArray, TimestampSecondArray,
    };
    use std::sync::Arc;

    /// What becomes of a column: its values as text, or the complaint.
    fn becomes(array: impl Array + 'static, kind: &ColumnType) -> Result<String, String> {
        let array: ArrayRef = Arc::new(array);
        can_hold(array.data_type(), kind)?;
        let normal = normalise(&array, kind).map_err(|error| error.to_string())?;
        assert_eq!(normal.data_type(), &target(kind));
        let shown = datafusion::arrow::util::display::array_value_to_string;
        let values = (0..normal.len()).map(|row| shown(&normal, row).unwrap_or_default());
        Ok(values.collect::<Vec<_>>().join(","))
    }

    fn decimal(values: Vec<i128>) -> Decimal128Array {
        Decimal128Array::from(values)
            .with_precision_and_scale(18, 3)
            .unwrap_or_else(|_| Decimal128Array::from(Vec::<i128>::new()))
    }

    #[test]
    fn what_fits_keeps_its_value() {
        let text = ColumnType::Text { bytes_max: 8 };
        assert_eq!(
            becomes(Float64Array::from(vec![1.0, -2.0]), &ColumnType::Int),
            Ok("1,-2".into())
        );
        assert_eq!(becomes(decimal(vec![2_000]), &ColumnType::Int), Ok("2".into()));
        assert_eq!(becomes(decimal(vec![2_500]), &ColumnType::Float), Ok("2.5".into()));
        assert_eq!(
            becomes(Int32Array::from(vec![0, 1]), &ColumnType::Bool),
            Ok("false,true".into())
        );
        assert_eq!(becomes(BooleanArray::from(vec![true]), &ColumnType::Int), Ok("1".into()));
        assert_eq!(
            becomes(TimestampSecondArray::from(vec![86_400]), &ColumnType::Date),
            Ok("1970-01-02".into())
        );
        assert_eq!(becomes(StringViewArray::from(vec!["é"]), &text), Ok("é".into()));
        let dictionary: DictionaryArray<Int32Type> = vec!["a", "b", "a"].into_iter().collect();
        assert_eq!(becomes(dictionary, &text), Ok("a,b,a".into()));
        let labels = vec!["a".to_owned(), "b".to_owned()];
        let category = ColumnType::Category { labels };
        assert_eq!(becomes(StringArray::from(vec!["b", "x"]), &category), Ok("1,2".into()));
        for ids in [
            becomes(Int32Array::from(vec![Some(77), None]), &ColumnType::Link),
            becomes(Float64Array::from(vec![Some(77.0), None]), &ColumnType::Link),
            becomes(StringArray::from(vec![Some("77"), None]), &ColumnType::Link),
        ] {
            assert_eq!(ids, Ok("77,".into()), "one id in three tables");
        }
        let nulls = StringArray::from(vec![None::<&str>, None]);
        assert_eq!(becomes(nulls, &ColumnType::Float), Ok(",".into()));
    }

    #[test]
    fn where_nobody_may_be_told_the_row_alone_is_unfit() {
        let array: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), Some(1.5), None]));
        assert!(fit(&array, &ColumnType::Int, true).is_err());
        let (column, unfit) = fit(&array, &ColumnType::Int, false).unwrap();
        assert_eq!(unfit, Some(vec![false, true, false]));
        let ints: Vec<_> = column.as_primitive::<Int64Type>().iter().collect();
        assert_eq!(ints, [Some(1), None, None]);
    }

    #[test]
    fn what_would_be_lost_is_an_error() {
        let refused = |result: Result<String, String>| assert!(result.is_err(), "{result:?}");
        refused(becomes(Float64Array::from(vec![1.5]), &ColumnType::Int));
        refused(becomes(Float64Array::from(vec![f64::NAN]), &ColumnType::Int));
        refused(becomes(Float64Array::from(vec![1e16]), &ColumnType::Int));
        refused(becomes(decimal(vec![2_500]), &ColumnType::Int));
        refused(becomes(Int64Array::from(vec![i64::MAX]), &ColumnType::Float));
        refused(becomes(Int64Array::from(vec![(1 << 53) + 1]), &ColumnType::Float));
        refused(becomes(Float64Array::from(vec![9_007_199_254_740_992.0]), &ColumnType::Int));
        refused(becomes(Int32Array::from(vec![2]), &ColumnType::Bool));
        refused(becomes(TimestampSecondArray::from(vec![86_401]), &ColumnType::Date));
        refused(becomes(TimestampNanosecondArray::from(vec![1]), &ColumnType::DateTime));
        refused(becomes(StringArray::from(vec!["12"]), &ColumnType::Int));
        refused(becomes(Int64Array::from(vec![1]), &ColumnType::Date));
        refused(becomes(Float64Array::from(vec![7.5]), &ColumnType::Link));
        refused(becomes(BooleanArray::from(vec![true]), &ColumnType::Link));
        refused(becomes(StringArray::from(vec!["longer"]), &ColumnType::Text { bytes_max: 3 }));
    }
}
