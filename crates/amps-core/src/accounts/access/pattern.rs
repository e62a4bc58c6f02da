//! Patterns that package ids fit.

use std::{fmt, str::FromStr};

use ampkg::PackageId;

/// Characters in a pattern, inclusive: more than an id has.
pub const MAX_PATTERN_CHARS: usize = 200;

/// A pattern of package ids: `*` stands for any characters, also none, `?` for one. The whole id must fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackagePattern(String);

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPattern {
    /// Nothing would fit it.
    #[error("the pattern is empty")]
    Empty,
    /// It is too long.
    #[error("the pattern has more than {MAX_PATTERN_CHARS} characters")]
    TooLong,
    /// It has a character that no id has.
    #[error(
        "the pattern {} has the character `{}`: expected those of package ids, `*` and `?`",
        ampkg::quoted(.pattern),
        .found.escape_debug()
    )]
    Character {
        /// The pattern.
        pattern: String,
        /// The character.
        found: char,
    },
}

impl PackagePattern {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an id fits. Takes at most as many steps as the pattern has characters times those that the id has.
    pub fn fits(&self, id: &PackageId) -> bool {
        fits(&self.0, id.as_str())
    }
}

/// Goes through both texts at once. After a `*`, what follows it is tried at each place in turn; only the last `*` needs that,
/// because what stands before it fits already.
fn fits(pattern: &str, id: &str) -> bool {
    let (mut pattern, mut id) = (pattern.chars(), id.chars());
    let mut again = None;
    loop {
        let here = (pattern.clone(), id.clone());
        match (pattern.next(), id.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                id = here.1;
                again = Some((pattern.clone(), id.clone()));
            }
            (Some(wanted), Some(found)) if wanted == '?' || wanted == found => {}
            _ => {
                let Some((after, mut from)) = again.take() else { return false };
                if from.next().is_none() {
                    return false;
                }
                (pattern, id) = (after.clone(), from.clone());
                again = Some((after, from));
            }
        }
    }
}

impl FromStr for PackagePattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        if text.is_empty() {
            return Err(InvalidPattern::Empty);
        }
        // Four bytes are the most that a character has: nobody counts the characters of a megabyte.
        if text.len() > 4 * MAX_PATTERN_CHARS || text.chars().count() > MAX_PATTERN_CHARS {
            return Err(InvalidPattern::TooLong);
        }
        match text.chars().find(|c| c.is_control() || c.is_whitespace() || matches!(c, '/' | '\\')) {
            Some(found) => Err(InvalidPattern::Character { pattern: text.into(), found }),
            None => Ok(Self(text.into())),
        }
    }
}

impl fmt::Display for PackagePattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_id_must_fit() {
        for (pattern, fitting, other) in [
            ("a.b", &["a.b"][..], &["a.bc", "xa.b", "a_b", "A.B"][..]),
            ("a.*", &["a.", "a.b", "a.b.c"], &["a", "ab", "xa.b"]),
            ("*", &["a", "a.b"], &[]),
            ("*.b", &[".b", "a.b", "a.b.b"], &["a.b.c", "b"]),
            ("a?c", &["abc", "a.c", "aüc"], &["ac", "abbc"]),
            ("a*b*c", &["abc", "axbxc", "abcbc", "abbcc"], &["ab", "acb", "abcx"]),
            ("**", &["a"], &[]),
            ("*?*?", &["ab", "abc"], &["a"]),
            ("[ab]", &["[ab]"], &["a", "b"]),
        ] {
            let pattern: PackagePattern = pattern.parse().unwrap();
            for id in fitting {
                assert!(fits(pattern.as_str(), id), "{pattern} {id}");
            }
            for id in other {
                assert!(!fits(pattern.as_str(), id), "{pattern} {id}");
            }
        }
    }

    /// As one would say it, which takes exponential time.
    fn plainly(pattern: &[char], id: &[char]) -> bool {
        match (pattern, id) {
            ([], []) => true,
            (['*', rest @ ..], _) => (0..=id.len()).any(|skipped| plainly(rest, &id[skipped..])),
            ([wanted, pattern @ ..], [found, id @ ..]) => {
                (*wanted == '?' || wanted == found) && plainly(pattern, id)
            }
            _ => false,
        }
    }

    /// All texts of up to so many characters.
    fn texts(characters: &[char], most: usize) -> Vec<String> {
        let mut texts = vec![String::new()];
        let mut first = 0;
        for _ in 0..most {
            let longer: Vec<String> = texts[first..]
                .iter()
                .flat_map(|text| characters.iter().map(move |c| format!("{text}{c}")))
                .collect();
            first = texts.len();
            texts.extend(longer);
        }
        texts
    }

    #[test]
    fn fits_what_it_should() {
        let ids = texts(&['a', 'b'], 5);
        for pattern in texts(&['a', 'b', '?', '*'], 5) {
            for id in &ids {
                let chars = |text: &str| text.chars().collect::<Vec<_>>();
                assert_eq!(fits(&pattern, id), plainly(&chars(&pattern), &chars(id)), "{pattern} {id}");
            }
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let pattern = "*a".repeat(99) + "b";
        assert!(!fits(&pattern, &"a".repeat(150)));
    }

    #[test]
    fn what_cannot_be_a_pattern_is_refused() {
        for pattern in ["*".repeat(200), "ü".repeat(200), "a.b-c_d+*?".into()] {
            assert_eq!(pattern.parse::<PackagePattern>().unwrap().as_str(), pattern);
        }
        for wrong in ["", "a b", "a\n", "a\0", "a/b", "a\u{a0}", &"a".repeat(201), &"ü".repeat(801)] {
            assert!(wrong.parse::<PackagePattern>().is_err(), "{wrong:?}");
        }
    }
}
