//! Both rules, against their definitions.

use std::collections::BTreeSet;

use amps_tags::{Stated, Tag, TagList, TagRef, TagRule, Vocabulary};
use proptest::{collection::vec, prelude::*};

use crate::strategies::{lists, tags};

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

/// Tags learnt one package after the other, in one vocabulary, lead to the same as each package by itself.
fn verdicts_agree(packages: &[(TagList, TagList)], device: &(TagList, TagList)) -> Result<(), TestCaseError> {
    let mut vocabulary = Vocabulary::default();
    let known: Vec<_> = packages
        .iter()
        .map(|(tags, conflicts)| (vocabulary.learn(tags), vocabulary.learn(conflicts)))
        .collect();
    for rule in [TagRule::PackageHas, TagRule::DeviceHas] {
        let verdicts = vocabulary.verdicts(rule, states(device));
        for (package, (tags, conflicts)) in packages.iter().zip(&known) {
            let fit = rule.fit(states(package), states(device));
            prop_assert_eq!(verdicts.fits(tags, conflicts), fit.is_ok(), "{:?} {:?}", rule, package);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_vocabulary_says_what_the_rules_say(
        packages in vec((lists(), lists()), 0..12),
        device in (lists(), lists()),
    ) {
        verdicts_agree(&packages, &device)?;
    }

    /// Shorter lists fit more often.
    #[test]
    fn a_vocabulary_says_what_the_rules_say_of_few_tags(
        packages in vec((vec(tags(), 0..3), vec(tags(), 0..2)), 1..12),
        device in (vec(tags(), 0..3), vec(tags(), 0..2)),
    ) {
        let list = |tags: Vec<Tag>| TagList::of(tags).unwrap();
        let packages: Vec<_> =
            packages.into_iter().map(|(tags, conflicts)| (list(tags), list(conflicts))).collect();
        verdicts_agree(&packages, &(list(device.0), list(device.1)))?;
    }
}
