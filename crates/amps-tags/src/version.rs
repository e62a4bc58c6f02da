//! Versions of packages, for "newest".

use std::cmp::Ordering;

/// The version of a package as its manifest has it, with an order.
///
/// Numbers at the beginning, with dots between them, are compared as numbers; missing ones are 0. Then what follows them counts:
/// something that begins with `-` comes before nothing, everything else after it; both are in the order of code points.
///
/// Two versions are equal if none is newer: `1.0` and `1` are, as texts are not.
#[derive(Clone, Copy, Debug)]
pub struct PackageVersion<'t> {
    /// Numbers and dots only, beginning and ending in a digit; or empty.
    numbers: &'t str,
    rest: &'t str,
}

impl<'t> PackageVersion<'t> {
    /// Reads a version. Every text is one; no text is `0.0.0`.
    pub fn new(text: &'t str) -> Self {
        let mut end = 0;
        for part in text.split('.') {
            let start = if end == 0 { 0 } else { end + 1 };
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                break;
            }
            end = start + digits;
            if digits < part.len() {
                break;
            }
        }
        let (numbers, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        Self { numbers, rest }
    }

    fn compare_numbers(self, other: PackageVersion<'_>) -> Ordering {
        let (mut mine, mut others) = (self.numbers.split('.'), other.numbers.split('.'));
        loop {
            let order = match (mine.next(), others.next()) {
                (None, None) => return Ordering::Equal,
                (mine, others) => compare_number(mine.unwrap_or("0"), others.unwrap_or("0")),
            };
            if order.is_ne() {
                return order;
            }
        }
    }

    /// Whether what follows the numbers puts the version before the one that has only the numbers.
    fn is_before(self) -> bool {
        self.rest.starts_with('-')
    }
}

/// Numbers of any length.
fn compare_number(a: &str, b: &str) -> Ordering {
    let [a, b] = [a, b].map(|digits| digits.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

impl Ord for PackageVersion<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare_numbers(*other)
            .then_with(|| other.is_before().cmp(&self.is_before()))
            .then_with(|| self.rest.cmp(other.rest))
    }
}

impl PartialOrd for PackageVersion<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for PackageVersion<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for PackageVersion<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_from_old_to_new() {
        // Versions in one line are equal.
        let ranks: [&[&str]; 19] = [
            &["-", "0-"],
            &["-a", "0.0-a"],
            &["", "0", "0.0.0", "0000", "00.0"],
            &[" 1", "0 1"],
            &["+b"],
            &[".5"],
            &["v1.0", "0.0v1.0"],
            &["0.0.1"],
            &["0.5"],
            &["1-beta", "1.0-beta"],
            &["1-rc1", "1.0.0-rc1"],
            &["1", "1.0", "01.00.000"],
            &["1."],
            &["1..5"],
            &["1.a"],
            &["1.0a"],
            &["1.2", "1.2.0"],
            &["1.9.99999999999999999999"],
            &["1.10", "1.010"],
        ];
        for (rank, versions) in ranks.iter().enumerate() {
            for version in versions.iter().copied().map(PackageVersion::new) {
                assert_eq!(version, PackageVersion::new(versions[0]));
                for newer in ranks[rank + 1..].iter().copied().flatten() {
                    assert!(version < PackageVersion::new(newer), "{version:?} < {newer}");
                }
            }
        }
        assert!(PackageVersion::new("2") > PackageVersion::new("1.99999999999999999999999999999999999999"));
    }

    #[test]
    fn splits_numbers_from_the_rest() {
        for (text, numbers, rest) in [
            ("1.2.3", "1.2.3", ""),
            ("1.2-rc1", "1.2", "-rc1"),
            ("1.2.", "1.2", "."),
            ("1..2", "1", "..2"),
            ("1.a", "1", ".a"),
            ("1.2a.3", "1.2", "a.3"),
            (".1", "", ".1"),
            ("v1", "", "v1"),
            ("1٣", "1", "٣"),
            ("", "", ""),
        ] {
            let version = PackageVersion::new(text);
            assert_eq!((version.numbers, version.rest), (numbers, rest), "{text}");
        }
    }
}
