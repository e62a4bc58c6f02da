//! Any text: read or refused, quickly, in words that can be printed.

use amps_tags::{MAX_TAG_BYTES, MAX_TAGS, PackageVersion, Stated, Tag, TagList, TagRule};
use proptest::prelude::*;

fn check(text: &str) {
    match text.parse::<Tag>() {
        Ok(tag) => assert_eq!(tag.to_string(), text.to_ascii_lowercase()),
        Err(error) => check_message(&error.to_string()),
    }
    match text.parse::<TagList>() {
        Ok(list) => {
            assert_eq!(list.as_str().parse(), Ok(list.clone()));
            assert!(list.as_str().len() <= text.len());
        }
        Err(error) => check_message(&error.to_string()),
    }
    assert_eq!(PackageVersion::new(text), PackageVersion::new(text));
}

fn check_message(message: &str) {
    assert!(
        message.chars().all(|character| !character.is_control() && character != '\u{202e}'),
        "{message:?}"
    );
    // Every byte of a tag may become `\u{…}`.
    assert!(message.len() < 200 + 10 * MAX_TAG_BYTES, "{} bytes", message.len());
    assert!(!message.ends_with('.') && message.starts_with(char::is_lowercase), "{message}");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn what_is_nearly_a_list_is_read_or_refused(text in "[a-cA-C1:.,_ \u{7f}\u{202e}é-]{0,40}") {
        check(&text);
    }
}

#[test]
fn huge_texts_are_refused_at_once() {
    for piece in [",", ":", "a", "a,", "a:1.", "1.", "0", "\u{202e}", "-", "."] {
        check(&piece.repeat(1 << 19));
    }
}

#[test]
fn the_largest_lists_are_compared() {
    let list = |last: &str| {
        let tags = (0..MAX_TAGS).map(|number| format!("{}{last}:{number:03}", "t".repeat(120)));
        tags.collect::<Vec<_>>().join(",").parse::<TagList>().unwrap()
    };
    let (a, b, none) = (list("a"), list("b"), TagList::default());
    assert_eq!(a.iter().count(), MAX_TAGS);
    for rule in [TagRule::PackageHas, TagRule::DeviceHas] {
        let package = Stated { tags: &a, conflicts: &none };
        assert!(rule.fit(package, Stated { tags: &b, conflicts: &a }).is_err());
        assert!(rule.fit(package, Stated { tags: &a, conflicts: &b }).is_ok());
    }
}

#[test]
fn numbers_of_any_length_are_compared() {
    let nines = "9".repeat(1 << 20);
    let more = format!("1{}", "0".repeat(1 << 20));
    assert!(PackageVersion::new(&nines) < PackageVersion::new(&more));
    assert_eq!(
        PackageVersion::new(&nines),
        PackageVersion::new(&format!("0{nines}{}", ".0".repeat(1 << 20)))
    );
}
