//! What the header of a package states about the devices that it fits.

use amps_tags::{Tag, TagList};
use serde::Deserialize;
use serde_json::Value;

use crate::model::Documents;

/// The tags and conflicts of a package.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct StatedTags {
    /// What it is made for.
    pub tags: TagList,
    /// What it does not go together with.
    pub conflicts: TagList,
}

/// Why nobody can say which devices a package fits.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedTags {
    /// What the header has is no map.
    #[error("`{map}` of the header cannot be read")]
    Map {
        /// `extra` or `extraSigned`.
        map: &'static str,
        /// Why not.
        source: serde_json::Error,
    },
    /// What should be a list is something else.
    #[error("`{field}` in `{map}` of the header is {found}, expected a list")]
    NotAList {
        /// `extra` or `extraSigned`.
        map: &'static str,
        /// `tags` or `conflicts`.
        field: &'static str,
        /// What kind of value it is.
        found: &'static str,
    },
    /// An element of a list is something else than text.
    #[error("element {index} of `{field}` in `{map}` of the header is {found}, expected a text")]
    NotAText {
        /// `extra` or `extraSigned`.
        map: &'static str,
        /// `tags` or `conflicts`.
        field: &'static str,
        /// Its place in the list; the first is 0.
        index: usize,
        /// What kind of value it is.
        found: &'static str,
    },
    /// A text is no tag, or there are too many of them.
    #[error("`{field}` of the header are malformed")]
    Tag {
        /// `tags` or `conflicts`.
        field: &'static str,
        /// What is wrong.
        source: amps_tags::Error,
    },
}

/// What is of interest in the header's maps. Anything else may stand there too.
#[derive(Deserialize, Default)]
struct Extra {
    tags: Option<Value>,
    conflicts: Option<Value>,
}

impl StatedTags {
    /// The `tags` and the `conflicts` of `extra` and of `extraSigned`, together.
    pub fn of(documents: &Documents) -> Result<Self, MalformedTags> {
        let parse = |map, text: &str| {
            serde_json::from_str::<Extra>(text).map_err(|source| MalformedTags::Map { map, source })
        };
        let extra = parse("extra", &documents.extra)?;
        let signed = documents.extra_signed.as_deref().map(|text| parse("extraSigned", text));
        let signed = signed.transpose()?.unwrap_or_default();
        Ok(Self {
            tags: list("tags", extra.tags.as_ref(), signed.tags.as_ref())?,
            conflicts: list("conflicts", extra.conflicts.as_ref(), signed.conflicts.as_ref())?,
        })
    }
}

fn list(
    field: &'static str,
    extra: Option<&Value>,
    signed: Option<&Value>,
) -> Result<TagList, MalformedTags> {
    let mut tags: Vec<Tag> = Vec::new();
    let malformed = |source| MalformedTags::Tag { field, source };
    for (map, value) in [("extra", extra), ("extraSigned", signed)] {
        let Some(value) = value else { continue };
        let Value::Array(elements) = value else {
            return Err(MalformedTags::NotAList { map, field, found: kind(value) });
        };
        for (index, element) in elements.iter().enumerate() {
            let Value::String(text) = element else {
                return Err(MalformedTags::NotAText { map, field, index, found: kind(element) });
            };
            tags.push(text.parse().map_err(malformed)?);
        }
    }
    TagList::of(tags).map_err(malformed)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::chain;

    fn stated(extra: &str, signed: Option<&str>) -> Result<(String, String), String> {
        let documents = Documents {
            manifest: String::new(),
            extra: extra.into(),
            extra_signed: signed.map(str::to_owned),
        };
        let stated = StatedTags::of(&documents).map_err(|error| chain(&error))?;
        Ok((stated.tags.to_string(), stated.conflicts.to_string()))
    }

    #[test]
    fn both_maps_count_together() {
        for (extra, signed, tags, conflicts) in [
            ("{}", None, "", ""),
            ("{}", Some("{}"), "", ""),
            (r#"{"tags":["b"],"conflicts":["C:1"]}"#, None, "b", "c:1"),
            ("{}", Some(r#"{"tags":["b"],"conflicts":["c"]}"#), "b", "c"),
            (r#"{"tags":["qt:5.12.0","b"]}"#, Some(r#"{"tags":["qt:5.12"]}"#), "b,qt:5.12", ""),
            (r#"{"tags":null}"#, Some(r#"{"tags":["b"],"conflicts":null}"#), "b", ""),
            (r#"{"tags":[],"other":{"tags":5},"Tags":1}"#, None, "", ""),
        ] {
            assert_eq!(stated(extra, signed), Ok((tags.into(), conflicts.into())), "{extra} {signed:?}");
        }
    }

    #[test]
    fn what_is_malformed_is_named() {
        let many = format!("{{\"tags\":[{}\"a\"]}}", "\"a\",".repeat(256));
        for (extra, signed, expected) in [
            (r#"{"tags":"a,b"}"#, None, "`tags` in `extra` of the header is a text, expected a list"),
            (
                "{}",
                Some(r#"{"conflicts":{"a":1}}"#),
                "`conflicts` in `extraSigned` of the header is a map, expected a list",
            ),
            (
                r#"{"tags":["a",5.12]}"#,
                None,
                "element 1 of `tags` in `extra` of the header is a number, expected a text",
            ),
            (
                r#"{"tags":[null]}"#,
                None,
                "element 0 of `tags` in `extra` of the header is null, expected a text",
            ),
            (
                r#"{"tags":["a,b"]}"#,
                None,
                "`tags` of the header are malformed: tag `a,b` has the character `,` in its name, expected only `a` to `z`, `0` to `9` and `_`",
            ),
            (&many, None, "`tags` of the header are malformed: a list has 257 tags, expected at most 256"),
        ] {
            assert_eq!(stated(extra, signed), Err(expected.to_owned()));
        }
        for broken in ["", "[]", "5", "{"] {
            let error = stated(broken, None).unwrap_err();
            assert!(error.starts_with("`extra` of the header cannot be read: "), "{error}");
        }
    }
}
