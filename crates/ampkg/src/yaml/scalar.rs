//! Which type a plain scalar has (docs/format.md, "YAML").

use super::{Scalar, Style, Value};

/// What to do with an integer below the range of the type that the reference holds it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntegerRange {
    /// Cut it to 32 bits as the reference does: -5000000000 is -705032704. For reading, where the digest needs it.
    Wrap,
    /// Refuse it. For what is to be written.
    Refuse,
}

/// An integer that has no type, with the range that would.
#[derive(Debug, PartialEq)]
pub(super) struct OutOfRange(pub(super) &'static str);

/// Types a scalar. What matches no rule is a string; an integer of more than 64 bits is out of range.
pub(super) fn resolve(scalar: &Scalar, range: IntegerRange) -> Result<Value, OutOfRange> {
    let text = scalar.text.as_str();
    if scalar.style == Style::Quoted {
        return Ok(Value::String(text.into()));
    }
    if let Some(value) = word(text) {
        return Ok(value);
    }
    if let Some(value) = integer(text, range)? {
        return Ok(value);
    }
    Ok(float(text).map_or_else(|| Value::String(text.into()), Value::Double))
}

fn word(text: &str) -> Option<Value> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        ".inf" | ".Inf" | ".INF" => Value::Double(f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" => Value::Double(f64::NAN),
        _ => return None,
    })
}

fn integer(text: &str, range: IntegerRange) -> Result<Option<Value>, OutOfRange> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let Some((digits, radix)) = digits(unsigned) else { return Ok(None) };
    let digits: String = digits.chars().filter(|&digit| digit != '_').collect();
    if digits.is_empty() {
        return Ok(None);
    }
    let magnitude =
        u64::from_str_radix(&digits, radix).map_err(|_| OutOfRange("an integer of at most 64 bits"))?;
    if !negative {
        return Ok(Some(unsigned_value(magnitude)));
    }
    let value = 0_i64.checked_sub_unsigned(magnitude).ok_or(OutOfRange("an integer of at most 64 bits"))?;
    if let Ok(value) = i32::try_from(value) {
        return Ok(Some(Value::Int32(value)));
    }
    match range {
        // The reference compares with the upper bound of 32 bits only, so it cuts every smaller integer.
        #[allow(clippy::cast_possible_truncation)]
        IntegerRange::Wrap => Ok(Some(Value::Int32(value as i32))),
        IntegerRange::Refuse => Err(OutOfRange("at least -2147483648, because devices cut smaller ones")),
    }
}

fn unsigned_value(magnitude: u64) -> Value {
    if let Ok(value) = i32::try_from(magnitude) {
        Value::Int32(value)
    } else if let Ok(value) = i64::try_from(magnitude) {
        Value::Int64(value)
    } else {
        Value::UInt64(magnitude)
    }
}

/// The digits of an unsigned integer and their radix, underscores still in them.
fn digits(text: &str) -> Option<(&str, u32)> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x', ..] => (text.get(2..)?, 16),
        [b'0', b'b', ..] => (text.get(2..)?, 2),
        [b'0'] | [b'1'..=b'9', ..] => (text, 10),
        [b'0', ..] => (text.get(1..)?, 8),
        _ => return None,
    };
    digits.chars().all(|digit| digit == '_' || digit.is_digit(radix)).then_some((digits, radix))
}

/// `[-+]?([0-9][0-9_]*)?\.[0-9.]*([eE][-+][0-9]+)?`, if what is left without underscores is a finite number.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, rest) = unsigned.split_once('.')?;
    let whole_fits = whole.is_empty()
        || (whole.starts_with(|first: char| first.is_ascii_digit())
            && whole.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_'));
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (rest.get(..at)?, Some(rest.get(at + 1..)?)),
        None => (rest, None),
    };
    let fraction_fits = fraction.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let exponent_fits = exponent.is_none_or(|exponent| {
        exponent
            .strip_prefix(['-', '+'])
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    });
    if !(whole_fits && fraction_fits && exponent_fits) {
        return None;
    }
    text.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str, range: IntegerRange) -> Result<Value, OutOfRange> {
        resolve(&Scalar { text: text.into(), style: Style::Plain }, range)
    }

    #[test]
    fn plain_scalars_have_the_types_of_the_reference() {
        use Value::{Bool, Double, Int32, Int64, Null, UInt64};
        let string = |text: &str| Value::String(text.into());
        for (text, value) in [
            ("", Null),
            ("~", Null),
            ("NULL", Null),
            ("nULL", string("nULL")),
            ("y", Bool(true)),
            ("ON", Bool(true)),
            ("oN", string("oN")),
            ("Off", Bool(false)),
            ("0", Int32(0)),
            ("-0", Int32(0)),
            ("42", Int32(42)),
            ("+7", Int32(7)),
            ("1_000", Int32(1000)),
            ("2147483647", Int32(i32::MAX)),
            ("2147483648", Int64(2_147_483_648)),
            ("5000000000", Int64(5_000_000_000)),
            ("9223372036854775807", Int64(i64::MAX)),
            ("9223372036854775808", UInt64(9_223_372_036_854_775_808)),
            ("18446744073709551615", UInt64(u64::MAX)),
            ("-2147483648", Int32(i32::MIN)),
            ("0x1F", Int32(31)),
            ("-0x10", Int32(-16)),
            ("0x_f_f", Int32(255)),
            ("0x", string("0x")),
            ("0x_", string("0x_")),
            ("0xg", string("0xg")),
            ("0b101", Int32(5)),
            ("0b2", string("0b2")),
            ("0777", Int32(511)),
            ("00", Int32(0)),
            ("08", string("08")),
            ("0o17", string("0o17")),
            ("1.5", Double(1.5)),
            ("1.", Double(1.0)),
            (".5", Double(0.5)),
            ("+.5", Double(0.5)),
            ("1_0.5", Double(10.5)),
            ("1.5e+3", Double(1500.0)),
            ("1.5E-7", Double(1.5e-7)),
            ("1.5e3", string("1.5e3")),
            ("1e5", string("1e5")),
            ("1.0e+999", string("1.0e+999")),
            (".", string(".")),
            ("..", string("..")),
            ("-", string("-")),
            ("5.12.0", string("5.12.0")),
            ("1:30", string("1:30")),
            ("2026-01-01", string("2026-01-01")),
            (".inf", Double(f64::INFINITY)),
            ("-.inf", string("-.inf")),
            ("_1", string("_1")),
            ("é", string("é")),
            ("-é", string("-é")),
        ] {
            assert_eq!(plain(text, IntegerRange::Refuse), Ok(value), "{text:?}");
        }
        assert!(matches!(plain(".NaN", IntegerRange::Wrap), Ok(Double(number)) if number.is_nan()));
    }

    #[test]
    fn small_integers_are_cut_on_reading_and_refused_for_writing() {
        for (text, cut) in [
            ("-5000000000", -705_032_704),
            ("-2147483649", i32::MAX),
            ("-9223372036854775808", 0),
            ("-0x80000001", i32::MAX),
        ] {
            assert_eq!(plain(text, IntegerRange::Wrap), Ok(Value::Int32(cut)), "{text}");
            assert!(plain(text, IntegerRange::Refuse).is_err(), "{text}");
        }
    }

    #[test]
    fn more_than_64_bits_have_no_type() {
        for text in ["18446744073709551616", "-9223372036854775809", "0x10000000000000000"] {
            assert!(plain(text, IntegerRange::Wrap).is_err(), "{text}");
        }
    }

    #[test]
    fn quotes_make_a_string() {
        for text in ["", "1", "true", "~"] {
            let scalar = Scalar { text: text.into(), style: Style::Quoted };
            assert_eq!(resolve(&scalar, IntegerRange::Refuse), Ok(Value::String(text.into())));
        }
    }
}
