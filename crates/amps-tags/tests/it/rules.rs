//! Both rules, against their definitions.

use std::collections::BTreeSet;

use amps_tags::{Stated, TagList, TagRef, TagRule};
use proptest::prelude::*;

use crate::strategies::lists;

/// For every name in `wanted`, some tag in `had` matches some tag of that name in `wanted`.
fn covers(had: &TagList, wanted: &TagList) -> bool {
    let names: BTreeSet<&str> = wanted.iter().map(TagRef::name).collect();
    names.iter().all(|name| {
        had.iter().any(|tag| wanted.iter().any(|wanted| wanted.name() == *name && tag.matches(wanted)))
    })
}

fn conflict(tags: &TagList, conflicts: &TagList) -> bool {
    tags.iter().any(|tag| conflicts.iter().any(|conflict| tag.matches(conflict)))
}

fn states((tags, conflicts): &(TagList, TagList)) -> Stated<'_> {
    Stated { tags, conflicts }
}

proptest! {
    #[test]
    fn fits_are_what_their_definition_says(
        package in (lists(), lists()),
        device in (lists(), lists()),
    ) {
        let without_conflict = !conflict(&package.0, &device.1) && !conflict(&device.0, &package.1);
        for (rule, covered) in [
            (TagRule::PackageHas, covers(&package.0, &device.0)),
            (TagRule::DeviceHas, covers(&device.0, &package.0)),
        ] {
            let fit = rule.fit(states(&package), states(&device));
            prop_assert_eq!(fit.is_ok(), covered && without_conflict, "{:?}", fit);
        }
    }
}
