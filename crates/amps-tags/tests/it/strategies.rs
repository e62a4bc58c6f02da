//! Tags that often have to do with each other.

use amps_tags::{Tag, TagList};
use proptest::{collection::vec, option, prelude::*};

/// Few names and few version parts, so that tags meet; `_` and digits, because they stand on both sides of `:` and `.`.
pub(crate) fn tags() -> impl Strategy<Value = Tag> {
    let version = vec(prop::sample::select(vec!["", "1", "2", "10", "a", "_"]), 1..4);
    let version = version.prop_map(|parts| parts.join(".")).prop_filter("a version", |text| !text.is_empty());
    (prop::sample::select(vec!["a", "a1", "a_", "b", "qt"]), option::of(version)).prop_map(
        |(name, version)| {
            version.map_or(name.to_owned(), |version| format!("{name}:{version}")).parse().unwrap()
        },
    )
}

pub(crate) fn lists() -> impl Strategy<Value = TagList> {
    vec(tags(), 0..8).prop_map(|tags| TagList::of(tags).unwrap())
}
