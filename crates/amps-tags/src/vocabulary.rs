//! Tags by number, so that a device is compared with each of them once, however many packages have it.

use std::collections::HashMap;

use crate::{
    list::TagList,
    rule::{Stated, TagRule},
    tag::Tag,
};

/// All tags that some packages have.
///
/// ```
/// use amps_tags::{Stated, TagList, TagRule, Vocabulary};
///
/// let mut vocabulary = Vocabulary::default();
/// let tags = vocabulary.learn(&"qt:5.12,wifi".parse()?);
/// let device: TagList = "qt:5".parse()?;
/// let verdicts = vocabulary.verdicts(TagRule::PackageHas, Stated { tags: &device, conflicts: &TagList::default() });
/// assert!(verdicts.fits(&tags, &[]));
/// # Ok::<(), amps_tags::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    known: HashMap<Box<str>, KnownTag>,
    names: HashMap<Box<str>, u32>,
    /// The tags of each name, with their numbers.
    tags: Vec<Vec<(u32, Tag)>>,
}

/// A tag of a [`Vocabulary`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownTag {
    tag: u32,
    name: u32,
}

impl Vocabulary {
    /// The tags of a list, those of one name together. The ones that are new become known.
    pub fn learn(&mut self, list: &TagList) -> Vec<KnownTag> {
        let mut tags: Vec<KnownTag> = list.texts().map(|text| self.learn_tag(text)).collect();
        tags.sort_unstable_by_key(|tag| tag.name);
        tags
    }

    fn learn_tag(&mut self, text: &str) -> KnownTag {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let tag = Tag::of_checked(text);
        let name = if let Some(name) = self.names.get(tag.as_ref().name()) {
            *name
        } else {
            let name = number(self.tags.len());
            self.names.insert(tag.as_ref().name().into(), name);
            self.tags.push(Vec::new());
            name
        };
        let known = KnownTag { tag: number(self.known.len()), name };
        self.known.insert(text.into(), known);
        if let Some(tags) = self.tags.get_mut(index(name)) {
            tags.push((known.tag, tag));
        }
        known
    }

    /// What a device makes of each tag.
    pub fn verdicts(&self, rule: TagRule, device: Stated<'_>) -> Verdicts {
        let mut verdicts = vec![Verdict::default(); self.known.len()];
        let mut judge = |list: &TagList, judge: &dyn Fn(&mut Verdict, &Tag, crate::TagRef<'_>)| {
            for stated in list.iter() {
                let name = self.names.get(stated.name()).and_then(|name| self.tags.get(index(*name)));
                for (number, tag) in name.into_iter().flatten() {
                    if let Some(verdict) = verdicts.get_mut(index(*number)) {
                        judge(verdict, tag, stated);
                    }
                }
            }
        };
        judge(device.tags, &|verdict, tag, stated| {
            verdict.is_wanted |= tag.matches(stated);
            verdict.is_had |= stated.matches(tag.as_ref());
        });
        judge(device.conflicts, &|verdict, tag, stated| verdict.is_unwanted |= tag.matches(stated));
        let mut names: Vec<&str> = device.tags.iter().map(crate::TagRef::name).collect();
        names.sort_unstable();
        names.dedup();
        Verdicts { rule, of_tags: verdicts, wanted_names: names.len() }
    }
}

/// What a device makes of the tags of a [`Vocabulary`].
#[derive(Clone, Debug)]
pub struct Verdicts {
    rule: TagRule,
    of_tags: Vec<Verdict>,
    wanted_names: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Verdict {
    /// It matches one of the device's tags.
    is_wanted: bool,
    /// One of the device's tags matches it.
    is_had: bool,
    /// It matches one of the device's conflicts.
    is_unwanted: bool,
}

impl Verdicts {
    /// Whether [`TagRule::fit`] lets a package with these tags and conflicts fit the device. Both must come from
    /// [`Vocabulary::learn`], of the vocabulary that gave the verdicts.
    pub fn fits(&self, tags: &[KnownTag], conflicts: &[KnownTag]) -> bool {
        let mut names = tags.chunk_by(|a, b| a.name == b.name);
        let has_what_is_demanded = match self.rule {
            TagRule::PackageHas => {
                let found = names.filter(|tags| tags.iter().any(|tag| self.of(*tag).is_wanted));
                found.count() == self.wanted_names
            }
            TagRule::DeviceHas => names.all(|tags| tags.iter().any(|tag| self.of(*tag).is_had)),
        };
        has_what_is_demanded
            && !tags.iter().any(|tag| self.of(*tag).is_unwanted)
            && !conflicts.iter().any(|tag| self.of(*tag).is_had)
    }

    fn of(&self, tag: KnownTag) -> Verdict {
        self.of_tags.get(index(tag.tag)).copied().unwrap_or_default()
    }
}

/// The next number. So many tags that there is none take some hundred gigabytes before.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_one_name_stand_together_and_are_known_once() {
        let mut vocabulary = Vocabulary::default();
        let first = vocabulary.learn(&"a:1,a1,a:2,b".parse().unwrap());
        let names: Vec<u32> = first.iter().map(|tag| tag.name).collect();
        assert_eq!(names.chunk_by(|a, b| a == b).count(), 3, "{names:?}");
        assert_eq!(vocabulary.learn(&"b,a:1,a:2,a1".parse().unwrap()), first);
        assert_eq!(vocabulary.known.len(), 4);
        assert_eq!(vocabulary.learn(&TagList::default()), []);
    }
}
