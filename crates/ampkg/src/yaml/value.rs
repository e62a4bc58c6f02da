//! Typed values: what metadata consists of.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::{
    Node, NodeKind, YamlError,
    scalar::{IntegerRange, OutOfRange, resolve},
};

/// A map from strings to values.
pub type Map = BTreeMap<String, Value>;

/// A typed value. The integer types are told apart because the digest covers them (docs/format.md, "Digest").
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer from -2^31 to 2^31 - 1.
    Int32(i32),
    /// An integer from 2^31 to 2^63 - 1.
    Int64(i64),
    /// An integer from 2^63 to 2^64 - 1.
    UInt64(u64),
    /// A floating-point number.
    Double(f64),
    /// A text.
    String(String),
    /// A list.
    List(Vec<Value>),
    /// A map.
    Map(Map),
}

impl Node {
    /// Types a node and everything in it.
    ///
    /// Fails on an integer that has no type: one of more than 64 bits, and, if `range` says so, one that devices would cut.
    pub fn to_value(&self, range: IntegerRange) -> Result<Value, YamlError> {
        Ok(match &self.kind {
            NodeKind::Scalar(scalar) => resolve(scalar, range).map_err(|OutOfRange(expected)| {
                YamlError::IntegerRange { position: self.position, text: scalar.text.clone(), expected }
            })?,
            NodeKind::Sequence(items) => {
                Value::List(items.iter().map(|item| item.to_value(range)).collect::<Result<_, _>>()?)
            }
            NodeKind::Mapping(mapping) => Value::Map(
                mapping
                    .iter()
                    .map(|(key, node)| Ok((key.text.clone(), node.to_value(range)?)))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }
}

/// Merges `from` into `into`: maps key by key, lists by appending, everything else by replacing.
pub fn merge(into: &mut Map, from: Map) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Map(old)), Value::Map(new)) => merge(old, new),
            (Some(Value::List(old)), Value::List(new)) => old.extend(new),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// As JSON: the three integer types are numbers, and so is a double, except that infinities and NaN, which JSON does not
/// have, are null.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int32(value) => serializer.serialize_i32(*value),
            Self::Int64(value) => serializer.serialize_i64(*value),
            Self::UInt64(value) => serializer.serialize_u64(*value),
            Self::Double(value) => serializer.serialize_f64(*value),
            Self::String(value) => serializer.serialize_str(value),
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(map) => {
                let mut serializer = serializer.serialize_map(Some(map.len()))?;
                for (key, value) in map {
                    serializer.serialize_entry(key, value)?;
                }
                serializer.end()
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{YamlLimits, parse},
        *,
    };

    fn map(text: &str) -> Map {
        let documents = parse(text.as_bytes(), YamlLimits::default()).unwrap();
        match documents[0].to_value(IntegerRange::Refuse).unwrap() {
            Value::Map(map) => map,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn merges_maps_recursively_and_appends_lists() {
        let mut into = map("a: {b: 1, c: [1]}\nd: [x]\ne: {f: 1}");
        merge(&mut into, map("a: {c: [2], g: 3}\nd: 5\ne: 7"));
        assert_eq!(into, map("a: {b: 1, c: [1, 2], g: 3}\nd: 5\ne: 7"));
    }

    #[test]
    fn json_has_what_yaml_had() {
        let json =
            serde_json::to_string(&map("a: [1, 1.5, ~, yes, .nan, '1']\nb: 18446744073709551615")).unwrap();
        assert_eq!(json, r#"{"a":[1,1.5,null,true,null,"1"],"b":18446744073709551615}"#);
    }

    #[test]
    fn an_integer_that_would_be_cut_is_named_with_its_place() {
        let documents = parse(b"a:\n  - -5000000000", YamlLimits::default()).unwrap();
        let error = documents[0].to_value(IntegerRange::Refuse).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2, column 5: the integer `-5000000000` does not fit: expected at least -2147483648, because devices cut smaller ones"
        );
    }
}
