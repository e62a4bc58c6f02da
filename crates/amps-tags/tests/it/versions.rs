//! The order of versions is one.

use std::cmp::Ordering;

use amps_tags::PackageVersion;
use proptest::{collection::vec, prelude::*};

fn versions() -> impl Strategy<Value = String> {
    let pieces =
        prop::sample::select(vec![".", "-", "+", "0", "00", "1", "9", "10", "a", "rc", " ", "é", "v"]);
    prop_oneof![4 => vec(pieces, 0..7).prop_map(|pieces| pieces.concat()), 1 => any::<String>()]
}

/// Numbers without zeros at the end, what follows, and whether it puts the version before the bare one.
fn naive(text: &str) -> (Vec<u64>, bool, String) {
    let mut numbers = Vec::new();
    let mut rest = text;
    loop {
        let number = if numbers.is_empty() { Some(rest) } else { rest.strip_prefix('.') };
        let Some(number) = number.filter(|number| number.starts_with(|digit: char| digit.is_ascii_digit()))
        else {
            break;
        };
        let end = number.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(number.len());
        numbers.push(number[..end].parse().unwrap());
        rest = &number[end..];
    }
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    (numbers, !rest.starts_with('-'), rest.to_owned())
}

fn compare(a: &str, b: &str) -> Ordering {
    PackageVersion::new(a).cmp(&PackageVersion::new(b))
}

proptest! {
    #[test]
    fn the_order_is_total(a in versions(), b in versions(), c in versions()) {
        prop_assert_eq!(compare(&a, &a), Ordering::Equal);
        prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
        if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
            prop_assert!(compare(&a, &c).is_le());
        }
        prop_assert_eq!(PackageVersion::new(&a) == PackageVersion::new(&b), compare(&a, &b).is_eq());
        prop_assert_eq!(
            PackageVersion::new(&a).partial_cmp(&PackageVersion::new(&b)),
            Some(compare(&a, &b))
        );
    }

    #[test]
    fn the_order_is_what_its_definition_says(a in "[0-9.a+-]{0,12}", b in "[0-9.a+-]{0,12}") {
        prop_assert_eq!(compare(&a, &b), naive(&a).cmp(&naive(&b)));
    }

    #[test]
    fn zeros_change_nothing(numbers in vec(0..1000_u32, 1..6), zeros in 0..4_usize) {
        let text = |pad: &str| numbers.iter().map(|number| format!("{pad}{number}")).collect::<Vec<_>>().join(".");
        prop_assert_eq!(compare(&text(""), &(text("000") + &".0".repeat(zeros))), Ordering::Equal);
    }
}
