//! The orders in which packages are listed, and where in one of them a page ends.

use std::cmp::Ordering;

use amps_core::Release;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::deployment_server::in_english;

/// By what packages are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Sort {
    /// Their ids.
    #[default]
    Id,
    /// Their English names, else the first ones, else their ids; upper and lower case are the same.
    Name,
    /// When their last release was uploaded.
    UploadedAt,
    /// Bytes of all their releases.
    SizeBytes,
}

/// Characters of a name by which it is ordered, inclusive: a cursor holds it.
const NAME_CHARS: usize = 100;

/// What a package is ordered by; the ids decide between those that have the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Nothing,
    Number(i64),
    Size(u64),
    Text(Box<str>),
}

/// Where a package stands in an order, whether it is still there or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    key: Key,
    id: Box<str>,
    /// Whether the order is gone through from its end.
    pub(super) is_descending: bool,
}

impl Key {
    /// That of the releases of one package.
    pub(super) fn of(sort: Sort, releases: &[Release]) -> Self {
        let latest = || releases.iter().max_by_key(|release| release.sequence);
        match sort {
            Sort::Id => Self::Nothing,
            Sort::Name => {
                let name = latest().and_then(|latest| {
                    in_english(&latest.facts.names).or_else(|| Some(latest.facts.id.as_str()))
                });
                Self::Text(name.unwrap_or_default().to_lowercase().chars().take(NAME_CHARS).collect())
            }
            Sort::UploadedAt => Self::Number(latest().map_or(0, |latest| latest.facts.uploaded_at.0)),
            Sort::SizeBytes => {
                Self::Size(releases.iter().map(|release| release.facts.package.size_bytes).sum())
            }
        }
    }
}

impl Place {
    /// That of the releases of one package.
    pub(super) fn of(sort: Sort, releases: &[Release]) -> Self {
        let id = releases.first().map_or("", |first| first.facts.id.as_str()).into();
        Self { key: Key::of(sort, releases), id, is_descending: false }
    }

    /// The text of a cursor. In the order of the ids it is the id alone.
    pub(super) fn text(sort: Sort, is_descending: bool, releases: &[Release]) -> String {
        let Self { key, id, .. } = Self::of(sort, releases);
        match (Self::name(sort, is_descending), key) {
            (None, _) => id.into(),
            (Some(order), Key::Nothing) => format!("{order}\n{id}\n"),
            (Some(order), Key::Number(number)) => format!("{order}\n{id}\n{number}"),
            (Some(order), Key::Size(bytes)) => format!("{order}\n{id}\n{bytes}"),
            (Some(order), Key::Text(text)) => format!("{order}\n{id}\n{text}"),
        }
    }

    /// Reads it again; none if it is not of this order.
    pub(super) fn parse(sort: Sort, is_descending: bool, text: &str) -> Option<Self> {
        let Some(order) = Self::name(sort, is_descending) else {
            let is_id = !text.contains('\n');
            return is_id.then(|| Self { key: Key::Nothing, id: text.into(), is_descending });
        };
        let mut parts = text.splitn(3, '\n');
        let (found, id, key) = (parts.next()?, parts.next()?, parts.next()?);
        let key = match sort {
            _ if found != order => return None,
            Sort::Id => Key::Nothing,
            Sort::Name => Key::Text(key.into()),
            Sort::UploadedAt => Key::Number(key.parse().ok()?),
            Sort::SizeBytes => Key::Size(key.parse().ok()?),
        };
        Some(Self { key, id: id.into(), is_descending })
    }

    /// What a cursor calls an order.
    fn name(sort: Sort, is_descending: bool) -> Option<&'static str> {
        Some(match (sort, is_descending) {
            (Sort::Id, false) => return None,
            (Sort::Id, true) => "-id",
            (Sort::Name, false) => "name",
            (Sort::Name, true) => "-name",
            (Sort::UploadedAt, false) => "uploadedAt",
            (Sort::UploadedAt, true) => "-uploadedAt",
            (Sort::SizeBytes, false) => "sizeBytes",
            (Sort::SizeBytes, true) => "-sizeBytes",
        })
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some((&self.key, &self.id).cmp(&(&other.key, &other.id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_of_one_order() {
        let all = [Sort::Id, Sort::Name, Sort::UploadedAt, Sort::SizeBytes];
        let orders = || all.into_iter().flat_map(|sort| [(sort, false), (sort, true)]);
        for (sort, is_descending) in orders() {
            let text = Place::text(sort, is_descending, &[]);
            for (other, is_other_descending) in orders() {
                let read = Place::parse(other, is_other_descending, &text);
                let is_same = (other, is_other_descending) == (sort, is_descending);
                assert_eq!(read.is_some(), is_same, "{text:?} {other:?} {is_other_descending}");
            }
        }
        for text in ["sizeBytes\na\nx", "sizeBytes\na", "sizeBytes", "", "sizeBytes\na\n-1"] {
            assert_eq!(Place::parse(Sort::SizeBytes, false, text), None, "{text:?}");
        }
        let place = Place::parse(Sort::Name, true, "-name\na.b\nx\ny").unwrap();
        assert_eq!((place.key, &*place.id), (Key::Text("x\ny".into()), "a.b"));
    }
}
