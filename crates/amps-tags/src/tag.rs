//! One tag: a name, perhaps with a version.

use std::{fmt, str::FromStr};

use crate::error::{Error, Part};

/// The longest tag that is accepted, in bytes: 128. Tags in use have about 20; they stand in queries, file names and database
/// keys, so the limit is small.
pub const MAX_TAG_BYTES: usize = 128;

/// A tag: `name` or `name:version`, in lower case.
///
/// ```
/// let tag: amps_tags::Tag = "Qt:5.12".parse()?;
/// assert_eq!(tag.to_string(), "qt:5.12");
/// assert_eq!((tag.as_ref().name(), tag.as_ref().version()), ("qt", Some("5.12")));
/// assert!("qt:5:12".parse::<amps_tags::Tag>().is_err());
/// # Ok::<(), amps_tags::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tag(Box<str>);

impl Tag {
    /// A text that this type has printed.
    pub(crate) fn of_checked(text: &str) -> Self {
        Self(text.into())
    }

    /// The tag, borrowed.
    #[allow(clippy::should_implement_trait)] // that trait returns references, and this is a value
    pub fn as_ref(&self) -> TagRef<'_> {
        TagRef::of_checked(&self.0)
    }

    /// Whether this tag is what `requested` asks for.
    pub fn matches(&self, requested: TagRef<'_>) -> bool {
        self.as_ref().matches(requested)
    }
}

impl FromStr for Tag {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::EmptyTag);
        }
        if text.len() > MAX_TAG_BYTES {
            return Err(Error::TooLong { found_bytes: text.len() });
        }
        let colons = text.matches(':').count();
        if colons > 1 {
            return Err(Error::Colons { found: text.to_owned(), colons });
        }
        let (name, version) = match text.split_once(':') {
            Some((name, version)) => (name, Some(version)),
            None => (text, None),
        };
        check(text, name, Part::Name)?;
        version.map_or(Ok(()), |version| check(text, version, Part::Version))?;
        Ok(Self(text.to_ascii_lowercase().into()))
    }
}

fn check(tag: &str, text: &str, part: Part) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::EmptyPart { found: tag.to_owned(), part });
    }
    match text.chars().find(|&character| !part.allows(character)) {
        Some(character) => Err(Error::Character { found: tag.to_owned(), character, part }),
        None => Ok(()),
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A tag that belongs to somebody else, like a [`TagList`](crate::TagList).
///
/// The order is by name, then version: no version first, and what continues a version right behind it, because the dot comes
/// before all other characters of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagRef<'t> {
    name: &'t str,
    version: Option<&'t str>,
}

impl<'t> TagRef<'t> {
    /// The parts of a text that [`Tag`] has accepted.
    pub(crate) fn of_checked(text: &'t str) -> Self {
        match text.split_once(':') {
            Some((name, version)) => Self { name, version: Some(version) },
            None => Self { name: text, version: None },
        }
    }

    /// The name.
    pub fn name(self) -> &'t str {
        self.name
    }

    /// The version, if it has one.
    pub fn version(self) -> Option<&'t str> {
        self.version
    }

    /// Whether this tag is what `requested` asks for: the same name, and if `requested` has a version, the same one or one that
    /// continues it after a dot.
    pub fn matches(self, requested: TagRef<'_>) -> bool {
        self.name == requested.name
            && requested.version.is_none_or(|wanted| {
                let rest = self.version.and_then(|version| version.strip_prefix(wanted));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
    }

    /// A copy that belongs to nobody else.
    pub fn to_tag(self) -> Tag {
        Tag(self.to_string().into())
    }
}

impl fmt::Display for TagRef<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)?;
        self.version.map_or(Ok(()), |version| write!(formatter, ":{version}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_same_and_the_more_precise() {
        for (tag, requested, expected) in [
            ("qt", "qt", true),
            ("qt:5.12", "qt", true),
            ("qt:5.12", "qt:5.12", true),
            ("qt:5.12.0", "qt:5.12", true),
            ("qt:5.12.0", "qt:5", true),
            ("qt:5.12", "qt:5.12.0", false),
            ("qt:5.120", "qt:5.12", false),
            ("qt:5.12", "qt:5.1", false),
            ("qt", "qt:5.12", false),
            ("qt", "qt5", false),
            ("qt5:5", "qt:5", false),
            ("qt:5", "q", false),
            ("qt:5.", "qt:5", true),
            ("qt:.", "qt:.", true),
            ("qt:.5", "qt:.", false),
            ("qt:..5", "qt:.", true),
        ] {
            let (tag, request): (Tag, Tag) = (tag.parse().unwrap(), requested.parse().unwrap());
            assert_eq!(tag.matches(request.as_ref()), expected, "{tag} for {requested}");
        }
    }

    #[test]
    fn folds_upper_case() {
        for (text, expected) in [("QT:5.12RC", "qt:5.12rc"), ("Build_Target", "build_target"), ("_:_", "_:_")]
        {
            let tag: Tag = text.parse().unwrap();
            assert_eq!(tag.to_string(), expected);
            assert_eq!(tag.as_ref().to_tag(), tag);
        }
    }

    #[test]
    fn refuses_what_is_malformed() {
        let check = |text: &str, expected: &str| {
            assert_eq!(text.parse::<Tag>().unwrap_err().to_string(), expected, "{text:?}");
        };
        check("", "a tag is empty, expected `<name>` or `<name>:<version>`");
        check(":", "tag `:` has an empty name, expected `<name>` or `<name>:<version>`");
        check(":5", "tag `:5` has an empty name, expected `<name>` or `<name>:<version>`");
        check("qt:", "tag `qt:` has an empty version, expected `<name>` or `<name>:<version>`");
        check("qt:5:12", "tag `qt:5:12` has 2 colons, expected at most one");
        check("::::", "tag `::::` has 4 colons, expected at most one");
        check(
            "q.t",
            "tag `q.t` has the character `.` in its name, expected only `a` to `z`, `0` to `9` and `_`",
        );
        check(
            "qt:5-1",
            "tag `qt:5-1` has the character `-` in its version, expected only `a` to `z`, `0` to `9`, `_` and `.`",
        );
        check(
            "qt ",
            "tag `qt ` has the character ` ` in its name, expected only `a` to `z`, `0` to `9` and `_`",
        );
        check(
            "qt\u{202e}\n",
            "tag `qt\\u{202e}\\n` has the character `\\u{202e}` in its name, expected only `a` to `z`, `0` to `9` and `_`",
        );
    }

    #[test]
    fn refuses_letters_and_digits_beyond_ascii() {
        // `K` and `ſ` become ASCII letters when Unicode folds their case.
        for hostile in
            ["café", "qt:٣", "\u{212a}", "\u{17f}", "ｑｔ", "qt:５", "q\0", "a,b", "a/b", "..", "%61", "'"]
        {
            assert!(
                matches!(hostile.parse::<Tag>(), Err(Error::Character { .. })),
                "{hostile:?} was accepted"
            );
        }
    }

    #[test]
    fn the_length_limit_is_inclusive() {
        let tag = |version: usize| format!("qt:{}", "5".repeat(version)).parse::<Tag>();
        assert_eq!(tag(MAX_TAG_BYTES - 3).unwrap().to_string().len(), MAX_TAG_BYTES);
        assert_eq!(
            tag(MAX_TAG_BYTES - 2).unwrap_err().to_string(),
            "a tag has 129 bytes, expected at most 128"
        );
        assert_eq!("é".repeat(1 << 20).parse::<Tag>(), Err(Error::TooLong { found_bytes: 2 << 20 }));
    }
}
