//! Lists in pages.

use std::{ops::Range, str::FromStr};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::{IntoParams, ToSchema};

use super::extract::Text;

/// Things on a page, inclusive.
const MOST: u16 = 500;
/// Things on a page if nobody says how many.
const USUAL: u16 = 100;
/// Characters of a cursor, inclusive: a name has at most 200 characters of 4 bytes.
const CURSOR_CHARS: usize = 2048;

/// A page of a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page<T> {
    /// What is on it.
    pub(super) items: Vec<T>,
    /// How many there are on all pages.
    pub(super) total: u64,
    /// What to ask for the next page with; not there on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_cursor: Option<String>,
}

/// How many things are to be on a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit(u16);

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u16::deserialize(deserializer)?;
        if (1..=MOST).contains(&number) {
            Ok(Self(number))
        } else {
            Err(D::Error::custom(format!("`{number}` is not a limit: expected a number from 1 to {MOST}")))
        }
    }
}

/// Where a page begins: behind the thing with this key. Opaque to clients.
#[derive(Clone, Debug)]
pub(super) struct Cursor(String);

impl Cursor {
    /// How a client gets it.
    pub(super) fn encode(key: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(key)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("this is not a cursor: expected the `nextCursor` of a page")]
pub(super) struct InvalidCursor;

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        if text.len() > CURSOR_CHARS {
            return Err(InvalidCursor);
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        String::from_utf8(bytes).map(Self).map_err(|_| InvalidCursor)
    }
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// How many things are to be on a page; without it, 100.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500)]
    limit: Option<Limit>,
    /// The `nextCursor` of the page before; without it, the first page.
    #[param(value_type = Option<String>)]
    cursor: Option<Text<Cursor>>,
}

impl Paging {
    pub(super) fn new(limit: Option<Limit>, cursor: Option<Text<Cursor>>) -> Self {
        Self { limit, cursor }
    }

    /// How many things are to be on a page.
    pub(super) fn limit(&self) -> usize {
        usize::from(self.limit.map_or(USUAL, |limit| limit.0))
    }

    /// The key behind which the page begins.
    pub(super) fn after(&self) -> Option<&str> {
        self.cursor.as_ref().map(|cursor| cursor.0.0.as_str())
    }

    /// The page of things that are ordered by their keys. Only what is on it is made.
    pub(super) fn page<I, T>(
        &self,
        all: impl Iterator<Item = I>,
        is_behind: impl Fn(&I, &str) -> bool,
        key: impl Fn(&I) -> String,
        make: impl Fn(I) -> T,
    ) -> Page<T> {
        let limit = self.limit();
        let mut page = Page { items: Vec::new(), total: 0, next_cursor: None };
        let mut last = None;
        let mut has_more = false;
        for thing in all {
            page.total += 1;
            if self.after().is_some_and(|after| !is_behind(&thing, after)) {
                continue;
            }
            if page.items.len() == limit {
                has_more = true;
                continue;
            }
            if page.items.len() + 1 == limit {
                last = Some(key(&thing));
            }
            page.items.push(make(thing));
        }
        page.next_cursor = last.filter(|_| has_more).map(|key| Cursor::encode(&key));
        page
    }

    /// The page of `total` things that are known by their ranks; `behind` are those where it begins, or ends if it goes downwards.
    /// Only what is on it is looked at.
    pub(super) fn page_of_ranks(
        &self,
        total: usize,
        behind: Range<usize>,
        is_descending: bool,
        key: impl Fn(&usize) -> String,
    ) -> Page<usize> {
        let limit = self.limit();
        let has_more = behind.len() > limit;
        let items: Vec<usize> =
            if is_descending { behind.rev().take(limit).collect() } else { behind.take(limit).collect() };
        let last = items.last().filter(|_| has_more);
        Page { total: total as u64, next_cursor: last.map(|rank| Cursor::encode(&key(rank))), items }
    }

    /// The same for things that are ordered by their names.
    pub(super) fn by_name<I, T>(
        &self,
        all: impl Iterator<Item = I>,
        name: impl Fn(&I) -> &str,
        make: impl Fn(I) -> T,
    ) -> Page<T> {
        self.page(all, |thing, after| name(thing) > after, |thing| name(thing).to_owned(), make)
    }
}
