//! From values to text.

use std::fmt::Write as _;

use super::{IntegerRange, Map, Scalar, Style, Value, scalar::resolve};
use crate::quote::is_unsafe;

/// With some room to the limit of readers, quotes included.
const MAX_SIMPLE_KEY_CHARS: usize = 1000;

/// Writes documents as the reference packager does: `%YAML 1.1`, each document after its own `---`, strings in single
/// quotes. [`super::parse`] reads the same values back, types included.
///
/// ```
/// use ampkg::yaml::{Map, Value, emit};
///
/// let header = Map::from([("packageId".into(), Value::from("hello")), ("diskSpaceUsed".into(), Value::Int32(8))]);
/// assert_eq!(emit(&[header]), "%YAML 1.1\n---\ndiskSpaceUsed: 8\npackageId: 'hello'\n");
/// ```
pub fn emit(documents: &[Map]) -> String {
    let mut text = String::from("%YAML 1.1\n");
    for document in documents {
        text.push_str("---\n");
        if document.is_empty() {
            text.push_str("{}\n");
        } else {
            map(&mut text, document, 0, false);
        }
    }
    text
}

/// Writes the entries of a map that is not empty; `inline` when the first stands behind a `- `.
fn map(text: &mut String, entries: &Map, indent: usize, inline: bool) {
    for (at, (key, value)) in entries.iter().enumerate() {
        if at > 0 || !inline {
            pad(text, indent);
        }
        let is_explicit = key_text(text, key, indent);
        text.push(':');
        match value {
            Value::Map(inner) if !inner.is_empty() => {
                text.push('\n');
                map(text, inner, indent + 2, false);
            }
            Value::List(items) if !items.is_empty() => {
                text.push('\n');
                list(text, items, if is_explicit { indent + 2 } else { indent }, false);
            }
            value => {
                text.push(' ');
                scalar(text, value);
            }
        }
    }
}

/// Writes a key, up to where its colon belongs. One that is longer than readers look ahead for the colon (YAML 1.1, section
/// 9.2: 1,024 characters) is written as an explicit key, on a line of its own; says whether it was.
fn key_text(text: &mut String, key: &str, indent: usize) -> bool {
    let mut written = String::new();
    string(&mut written, key, is_plain_key(key));
    let is_explicit = written.chars().count() > MAX_SIMPLE_KEY_CHARS;
    if is_explicit {
        text.push_str("? ");
    }
    text.push_str(&written);
    if is_explicit {
        text.push('\n');
        pad(text, indent);
    }
    is_explicit
}

/// Writes the items of a list that is not empty.
fn list(text: &mut String, items: &[Value], indent: usize, inline: bool) {
    for (at, value) in items.iter().enumerate() {
        if at > 0 || !inline {
            pad(text, indent);
        }
        text.push_str("- ");
        match value {
            Value::Map(inner) if !inner.is_empty() => map(text, inner, indent + 2, true),
            Value::List(inner) if !inner.is_empty() => list(text, inner, indent + 2, true),
            value => scalar(text, value),
        }
    }
}

fn pad(text: &mut String, indent: usize) {
    text.extend(std::iter::repeat_n(' ', indent));
}

fn scalar(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push('~'),
        Value::Bool(value) => push(text, value),
        Value::Int32(value) => push(text, value),
        Value::Int64(value) => push(text, value),
        Value::UInt64(value) => push(text, value),
        Value::Double(value) => text.push_str(&double(*value)),
        Value::String(value) => string(text, value, false),
        Value::List(_) => text.push_str("[]"),
        Value::Map(_) => text.push_str("{}"),
    }
    text.push('\n');
}

fn push(text: &mut String, value: impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(text, "{value}");
}

/// A double with a point and a signed exponent, without which a reader would take it for an integer or a string. Negative
/// infinity has no spelling in this dialect (a sign makes it a string); the largest finite number stands in its place.
fn double(value: f64) -> String {
    if value.is_nan() {
        return ".nan".into();
    }
    if value == f64::INFINITY {
        return ".inf".into();
    }
    let shortest = format!("{:?}", value.max(f64::MIN));
    let (mantissa, exponent) =
        shortest.split_once('e').map_or((shortest.as_str(), None), |(m, e)| (m, Some(e)));
    let point = if mantissa.contains('.') { "" } else { ".0" };
    match exponent {
        None => format!("{mantissa}{point}"),
        Some(exponent) if exponent.starts_with('-') => format!("{mantissa}{point}e{exponent}"),
        Some(exponent) => format!("{mantissa}{point}e+{exponent}"),
    }
}

/// Whether a key needs no quotes: a word of ASCII letters, digits, `_`, `-` and `.` that is no other type.
fn is_plain_key(key: &str) -> bool {
    let scalar = Scalar { text: key.into(), style: Style::Plain };
    key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        && matches!(resolve(&scalar, IntegerRange::Wrap), Ok(Value::String(_)))
}

fn string(text: &mut String, value: &str, plain: bool) {
    if plain {
        text.push_str(value);
    } else if value.chars().all(|character| matches!(character, ' '..='~')) {
        text.push('\'');
        text.push_str(&value.replace('\'', "''"));
        text.push('\'');
    } else {
        text.push('"');
        for character in value.chars() {
            escape(text, character);
        }
        text.push('"');
    }
}

fn escape(text: &mut String, character: char) {
    match character {
        '"' => text.push_str("\\\""),
        '\\' => text.push_str("\\\\"),
        '\n' => text.push_str("\\n"),
        '\t' => text.push_str("\\t"),
        '\r' => text.push_str("\\r"),
        ' '..='~' => text.push(character),
        _ => {
            let code = u32::from(character);
            if code <= 0xff {
                push(text, format_args!("\\x{code:02X}"));
            } else if code <= 0xffff {
                push(text, format_args!("\\u{code:04X}"));
            } else {
                push(text, format_args!("\\U{code:08X}"));
            }
        }
    }
    debug_assert!(!text.ends_with(is_unsafe), "controls are escaped");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{YamlLimits, parse},
        *,
    };

    fn back(text: &str) -> Vec<Map> {
        let limits = YamlLimits { depth: 64, nodes: usize::MAX };
        let documents = parse(text.as_bytes(), limits).unwrap_or_else(|error| panic!("{error}\n{text}"));
        documents
            .iter()
            .map(|node| match node.to_value(IntegerRange::Refuse) {
                Ok(Value::Map(map)) => map,
                other => panic!("{other:?}\n{text}"),
            })
            .collect()
    }

    #[test]
    fn writes_like_the_reference() {
        let list = Value::List(vec![
            Value::Int32(1),
            Value::from("two"),
            Value::List(vec![Value::Int32(3), Value::Map(Map::from([("k".into(), Value::from("v"))]))]),
        ]);
        let extra = Map::from([
            ("10".into(), Value::from("x")),
            ("e".into(), Value::from("")),
            ("el".into(), Value::List(vec![])),
            ("em".into(), Value::Map(Map::new())),
            ("list".into(), list),
            ("nul".into(), Value::Null),
            ("uni".into(), Value::from("Grüße €")),
            ("y".into(), Value::Bool(true)),
        ]);
        let text = emit(&[Map::from([("extra".into(), Value::Map(extra))])]);
        let expected = "%YAML 1.1\n---\nextra:\n  '10': 'x'\n  e: ''\n  el: []\n  em: {}\n  list:\n  - 1\n  - 'two'\n  - - 3\n    - k: 'v'\n  nul: ~\n  uni: \"Gr\\xFC\\xDFe \\u20AC\"\n  'y': true\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn doubles_keep_value_and_type() {
        for number in [
            0.0,
            -0.0,
            2.0,
            1.5e3,
            123_456.789,
            1e16,
            1e300,
            1.5e-7,
            5e-324,
            f64::MAX,
            f64::MIN,
            f64::INFINITY,
        ] {
            let text = emit(&[Map::from([("d".into(), Value::Double(number))])]);
            assert_eq!(back(&text)[0]["d"], Value::Double(number), "{text}");
        }
    }

    #[test]
    fn a_key_of_any_length_reads_back() {
        for length in [998, 999, 1000, 1100, 5000] {
            let inner =
                Map::from([("\u{1}".repeat(length), Value::Map(Map::from([("a".into(), Value::Null)])))]);
            let documents = [Map::from([
                ("x".repeat(length), Value::List(vec![Value::Int32(1), Value::Map(inner)])),
                ("y ".repeat(length), Value::from("z")),
            ])];
            assert_eq!(back(&emit(&documents)), documents, "{length}");
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i32>().prop_map(Value::Int32),
            (i64::from(i32::MAX) + 1..=i64::MAX).prop_map(Value::Int64),
            ((1_u64 << 63)..=u64::MAX).prop_map(Value::UInt64),
            any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::Double),
            any::<String>().prop_map(Value::String),
            "[-+.0-9eExob_~:# \\n]{0,12}".prop_map(Value::String),
        ];
        leaf.prop_recursive(6, 48, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
                prop::collection::btree_map(any_key(), inner, 0..6).prop_map(Value::Map),
            ]
        })
    }

    fn any_key() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), "[-a-zA-Z0-9_.~:# ]{0,8}"]
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_as_the_same_values(
            documents in prop::collection::vec(prop::collection::btree_map(any_key(), any_value(), 0..6), 1..4)
        ) {
            prop_assert_eq!(back(&emit(&documents)), documents);
        }
    }
}
