//! Which of two lists of tags says more.

use std::cmp::Reverse;

use crate::{TagList, TagRef};

/// How specific a list of tags is; the greater one is more specific.
///
/// More names are more specific: a package with `qt` and `wifi` is made for fewer devices than one with `qt`. With as many names, the
/// versions count, as alternatives: the list with fewer tags without a version is more specific, then the one with fewer versions of
/// one part, then of two parts and so on. So `qt:5.12` is more specific than `qt:5`, than `qt:5.12,qt:5.13` and than `qt`.
///
/// If every tag of a list matches one of another list, and the list has at least the other's names, it is at least as specific.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity {
    names: usize,
    /// At index n, the number of tags whose version has n parts.
    tags_by_parts: Reverse<Vec<usize>>,
}

impl Specificity {
    pub(crate) fn of(list: &TagList) -> Self {
        let mut names: Vec<&str> = list.iter().map(TagRef::name).collect();
        // The order of the text does not keep those of one name together.
        names.sort_unstable();
        names.dedup();
        let mut tags_by_parts: Vec<usize> = Vec::new();
        for tag in list.iter() {
            let parts = tag.version().map_or(0, |version| version.split('.').count());
            if tags_by_parts.len() <= parts {
                tags_by_parts.resize(parts + 1, 0);
            }
            if let Some(tags) = tags_by_parts.get_mut(parts) {
                *tags += 1;
            }
        }
        Self { names: names.len(), tags_by_parts: Reverse(tags_by_parts) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_from_general_to_special() {
        // Each line is more specific than the one above it; lists in one line are equally so.
        let ranks: [&[&str]; 9] = [
            &[""],
            &["qt", "wifi"],
            &["qt:5,qt:6", "qt:5,qt:7"],
            &["qt:5,qt:6.1"],
            &["qt:5", "wifi:a"],
            &["qt:5.12,qt:5.13"],
            &["qt:5.12"],
            &["a:1,a1", "qt:5,wifi"],
            &["qt:5.1,wifi:5.1"],
        ];
        let specificity = |text: &str| text.parse::<TagList>().unwrap().specificity();
        for (rank, lists) in ranks.iter().enumerate() {
            for list in *lists {
                assert_eq!(specificity(list), specificity(lists[0]), "{list}");
                for more in ranks[rank + 1..].iter().copied().flatten() {
                    assert!(specificity(list) < specificity(more), "{list} < {more}");
                }
            }
        }
    }
}
