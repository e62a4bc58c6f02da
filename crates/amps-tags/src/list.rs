//! A set of tags, simplified, and its canonical text.

use std::{fmt, str::FromStr};

use crate::{
    error::Error,
    specificity::Specificity,
    tag::{Tag, TagRef},
};

/// The most tags of a list that are accepted: 256. Lists in use have about five; comparing two of them costs the product.
pub const MAX_TAGS: usize = 256;

/// A set of tags, simplified: none of them matches another one.
///
/// The same set has the same text, in whatever order its tags came; text that this type has printed is read as the same list.
///
/// ```
/// let list: amps_tags::TagList = "qt:5.12.0,wifi,qt:5.12".parse()?;
/// assert_eq!(list.as_str(), "qt:5.12,wifi");
/// assert_eq!(list, "Wifi,qt:5.12".parse()?);
/// # Ok::<(), amps_tags::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TagList(Box<str>);

impl TagList {
    /// The set of these tags.
    pub fn of(tags: impl IntoIterator<Item = Tag>) -> Result<Self, Error> {
        let tags: Vec<Tag> = tags.into_iter().take(MAX_TAGS + 1).collect();
        if tags.len() > MAX_TAGS {
            return Err(Error::TooMany { found: tags.len() });
        }
        Ok(Self::simplified(&tags))
    }

    fn simplified(tags: &[Tag]) -> Self {
        let mut tags: Vec<TagRef<'_>> = tags.iter().map(Tag::as_ref).collect();
        tags.sort_unstable();
        // Right behind a tag come all that match it, see `TagRef`; so the last one that was kept tells.
        let mut kept: Vec<TagRef<'_>> = Vec::with_capacity(tags.len());
        for tag in tags {
            if !kept.last().is_some_and(|last| tag.matches(*last)) {
                kept.push(tag);
            }
        }
        // The canonical order is that of the texts, in which `a1` comes before `a:1`.
        let mut texts: Vec<String> = kept.iter().map(ToString::to_string).collect();
        texts.sort_unstable();
        Self(texts.join(",").into())
    }

    /// The canonical text: the tags, sorted and joined with commas.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has no tags.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tags, in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = TagRef<'_>> {
        self.texts().map(TagRef::of_checked)
    }

    /// The texts of the tags, in their order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        // Splitting the empty text gives one empty piece.
        self.0.split(',').filter(|tag| !tag.is_empty())
    }

    /// One of the tags that matches one of `requested`, and that one.
    pub fn first_match<'t>(&'t self, requested: &'t Self) -> Option<(TagRef<'t>, TagRef<'t>)> {
        self.iter().find_map(|tag| {
            requested.iter().find(|requested| tag.matches(*requested)).map(|requested| (tag, requested))
        })
    }

    /// How specific the list is, for the choice among several that fit.
    pub fn specificity(&self) -> Specificity {
        Specificity::of(self)
    }
}

/// Reads tags with commas between them. No text is the list without tags.
impl FromStr for TagList {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let found = text.split(',').count();
        if found > MAX_TAGS {
            return Err(Error::TooMany { found });
        }
        let tags: Vec<Tag> = text.split(',').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self::simplified(&tags))
    }
}

impl fmt::Display for TagList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> TagList {
        text.parse().unwrap()
    }

    #[test]
    fn drops_what_matches_another_tag() {
        for (text, expected) in [
            ("", ""),
            ("qt", "qt"),
            ("qt,qt", "qt"),
            ("qt:5.12,qt:5.12.0", "qt:5.12"),
            ("qt:5.12.0,qt:5.12", "qt:5.12"),
            ("qt,qt:5.2", "qt"),
            ("qt:5.2,qt", "qt"),
            ("qt:5,qt:5.2.1,qt:5.2,qt:50,qt:5_,qt:5a", "qt:5,qt:50,qt:5_,qt:5a"),
            ("a:1,a1,a_,b,A", "a,a1,a_,b"),
            ("a:1,a1", "a1,a:1"),
            ("c,b,a", "a,b,c"),
        ] {
            assert_eq!(list(text).as_str(), expected, "{text}");
        }
    }

    #[test]
    fn refuses_an_empty_place() {
        for text in [",", "a,", ",a", "a,,b"] {
            assert_eq!(text.parse::<TagList>(), Err(Error::EmptyTag), "{text}");
        }
        assert!(matches!("a, b".parse::<TagList>(), Err(Error::Character { character: ' ', .. })));
        assert!(list("").is_empty());
        assert_eq!(list("").iter().count(), 0);
    }

    #[test]
    fn the_limit_of_tags_is_inclusive() {
        let tags = |count: usize| (0..count).map(|number| format!("t{number}")).collect::<Vec<_>>();
        let parse = |count: usize| tags(count).join(",").parse::<TagList>();
        let of = |count: usize| TagList::of(tags(count).iter().map(|tag| tag.parse().unwrap()));
        assert_eq!(parse(MAX_TAGS).unwrap().iter().count(), MAX_TAGS);
        assert_eq!(of(MAX_TAGS), parse(MAX_TAGS));
        assert_eq!(parse(300).unwrap_err().to_string(), "a list has 300 tags, expected at most 256");
        assert_eq!(of(300), Err(Error::TooMany { found: 257 }));
        // Counted as they come: what is dropped counts too.
        assert_eq!(["a"; MAX_TAGS].join(",").parse(), Ok(list("a")));
        assert_eq!(["a"; MAX_TAGS + 1].join(",").parse::<TagList>(), Err(Error::TooMany { found: 257 }));
        assert_eq!(",".repeat(1 << 20).parse::<TagList>(), Err(Error::TooMany { found: (1 << 20) + 1 }));
        assert_eq!(TagList::of(std::iter::repeat("a".parse().unwrap())), Err(Error::TooMany { found: 257 }));
    }
}
