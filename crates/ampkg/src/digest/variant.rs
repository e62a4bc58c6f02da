//! Signed metadata as Qt's data stream writes a variant (docs/format.md, "Digest"): big-endian, `u32` type, `u8` null flag,
//! value.

use super::DigestForm;
use crate::yaml::{Map, Value};

const BOOL: u32 = 1;
const INT32: u32 = 2;
const INT64: u32 = 4;
const UINT64: u32 = 5;
const DOUBLE: u32 = 6;
const MAP: u32 = 8;
const LIST: u32 = 9;
const STRING: u32 = 10;
const NULL: u32 = 51;

/// The bytes that enter the digest for the header's `extraSigned`.
pub(crate) fn encode(map: &Map, form: DigestForm) -> Vec<u8> {
    let mut encoder = Encoder { bytes: Vec::new(), form };
    encoder.head(MAP, 0);
    encoder.map(map);
    encoder.bytes
}

struct Encoder {
    bytes: Vec<u8>,
    form: DigestForm,
}

impl Encoder {
    fn head(&mut self, kind: u32, null: u8) {
        self.bytes.extend(kind.to_be_bytes());
        self.bytes.push(null);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.head(
                NULL,
                match self.form {
                    DigestForm::Qt6 => 1,
                    DigestForm::Qt5 => 0,
                },
            ),
            Value::Bool(value) => self.plain(BOOL, &[u8::from(*value)]),
            Value::Int32(value) => self.plain(INT32, &value.to_be_bytes()),
            Value::Int64(value) => self.plain(INT64, &value.to_be_bytes()),
            Value::UInt64(value) => self.plain(UINT64, &value.to_be_bytes()),
            // There are many bit patterns for it; a text has but one.
            Value::Double(value) if value.is_nan() => self.plain(DOUBLE, &f64::NAN.to_be_bytes()),
            Value::Double(value) => self.plain(DOUBLE, &value.to_be_bytes()),
            Value::String(value) => {
                self.head(STRING, 0);
                self.string(value);
            }
            Value::List(items) => {
                self.head(LIST, 0);
                self.count(items.len());
                for item in items {
                    self.value(item);
                }
            }
            Value::Map(map) => {
                self.head(MAP, 0);
                self.map(map);
            }
        }
    }

    fn plain(&mut self, kind: u32, value: &[u8]) {
        self.head(kind, 0);
        self.bytes.extend(value);
    }

    fn map(&mut self, map: &Map) {
        let mut entries: Vec<_> = map.iter().collect();
        // Qt compares strings by UTF-16 code unit, which differs from UTF-8 order above U+FFFF.
        entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
        if self.form == DigestForm::Qt5 {
            entries.reverse();
        }
        self.count(entries.len());
        for (key, value) in entries {
            self.string(key);
            self.value(value);
        }
    }

    fn string(&mut self, text: &str) {
        self.count(text.encode_utf16().count() * 2);
        self.bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    }

    /// A length. Metadata is bounded to a few megabytes, so a count that needs more than 32 bits cannot come up.
    fn count(&mut self, count: usize) {
        self.bytes.extend(u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_ordered_by_utf16_code_unit() {
        let map = Map::from([("\u{ff5e}".into(), Value::Null), ("\u{1f600}".into(), Value::Null)]);
        let ascending = encode(&map, DigestForm::Qt6);
        assert_eq!(&ascending[9..17], &[0, 0, 0, 4, 0xd8, 0x3d, 0xde, 0x00], "surrogates come before U+FF5E");
        let descending = encode(&map, DigestForm::Qt5);
        assert_eq!(&descending[9..15], &[0, 0, 0, 2, 0xff, 0x5e]);
    }

    #[test]
    fn null_carries_the_flag_of_its_generation() {
        let map = Map::from([("a".into(), Value::Null)]);
        assert_eq!(encode(&map, DigestForm::Qt6).last(), Some(&1));
        assert_eq!(encode(&map, DigestForm::Qt5).last(), Some(&0));
    }

    #[test]
    fn writes_each_type() {
        let map = Map::from([(
            "k".into(),
            Value::List(vec![Value::Bool(true), Value::from(""), Value::Int32(-7)]),
        )]);
        let expected = [
            0, 0, 0, 8, 0, 0, 0, 0, 1, // map of one
            0, 0, 0, 2, 0, b'k', // its key
            0, 0, 0, 9, 0, 0, 0, 0, 3, // list of three
            0, 0, 0, 1, 0, 1, // true
            0, 0, 0, 10, 0, 0, 0, 0, 0, // empty string
            0, 0, 0, 2, 0, 0xff, 0xff, 0xff, 0xf9, // -7
        ];
        assert_eq!(encode(&map, DigestForm::Qt6), expected);
    }
}
