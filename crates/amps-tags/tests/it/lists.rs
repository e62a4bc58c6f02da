//! Lists are sets with one text each.

use amps_tags::{Tag, TagList, TagRef};
use proptest::{collection::vec, prelude::*};

use crate::strategies::{lists, tags};

fn names(list: &TagList) -> Vec<&str> {
    let mut names: Vec<&str> = list.iter().map(TagRef::name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

proptest! {
    #[test]
    fn the_text_does_not_depend_on_the_order(
        (tags, shuffled) in vec(tags(), 0..12).prop_flat_map(|tags| (Just(tags.clone()), Just(tags).prop_shuffle())),
    ) {
        prop_assert_eq!(TagList::of(tags).unwrap(), TagList::of(shuffled).unwrap());
    }

    #[test]
    fn what_is_kept_matches_nothing_and_what_is_dropped_matches_something(tags in vec(tags(), 0..12)) {
        let list = TagList::of(tags.clone()).unwrap();
        for tag in list.iter() {
            prop_assert!(tags.contains(&tag.to_tag()));
            prop_assert!(list.iter().all(|other| other == tag || !tag.matches(other)));
        }
        for tag in &tags {
            prop_assert!(list.iter().any(|kept| tag.matches(kept)), "{} is lost in {}", tag, list);
        }
    }

    #[test]
    fn simplifying_again_changes_nothing(list in lists()) {
        prop_assert_eq!(TagList::of(list.iter().map(TagRef::to_tag)).unwrap(), list.clone());
        prop_assert_eq!(list.as_str().parse::<TagList>().unwrap(), list.clone());
        prop_assert_eq!(list.as_str().to_ascii_uppercase().parse::<TagList>().unwrap(), list);
    }

    #[test]
    fn the_text_is_sorted(list in lists()) {
        let texts: Vec<String> = list.iter().map(|tag| tag.to_string()).collect();
        prop_assert!(texts.is_sorted());
        prop_assert_eq!(texts.join(","), list.as_str());
    }

    #[test]
    fn what_matches_is_at_least_as_specific(mut tags in vec(tags(), 0..8), general in lists()) {
        tags.retain(|tag| general.iter().any(|wanted| tag.matches(wanted)));
        let special = TagList::of(tags).unwrap();
        if names(&special) == names(&general) {
            prop_assert!(special.specificity() >= general.specificity(), "{} and {}", special, general);
        }
    }

    #[test]
    fn matching_is_an_order(a in tags(), b in tags(), c in tags()) {
        prop_assert!(a.matches(a.as_ref()));
        prop_assert!(!(a.matches(b.as_ref()) && b.matches(a.as_ref())) || a == b);
        prop_assert!(!(a.matches(b.as_ref()) && b.matches(c.as_ref())) || a.matches(c.as_ref()));
    }

    #[test]
    fn matching_is_what_its_definition_says(tag in tags(), requested in tags()) {
        let split = |tag: &Tag| {
            let text = tag.to_string();
            let (name, version) = text.split_once(':').unwrap_or((&text, ""));
            (name.to_owned(), version.to_owned())
        };
        let ((name, version), (wanted_name, wanted)) = (split(&tag), split(&requested));
        let expected = name == wanted_name
            && (wanted.is_empty() || version == wanted || version.starts_with(&format!("{wanted}.")));
        prop_assert_eq!(tag.matches(requested.as_ref()), expected);
    }
}
