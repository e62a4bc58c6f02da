//! Values in and out of columns, each as its type: what does not parse is damage, and the error names the column.

use std::str::FromStr;

use ampkg::Digest;
use amps_core::BlobId;
use rusqlite::{Row, types::ValueRef};
use serde::de::DeserializeOwned;

use crate::error::{Fault, OutOfRange};

/// How much of a wrong value an error shows, in characters.
const SHOWN_CHARS: usize = 80;

/// Reads the columns of a row from left to right.
pub(crate) struct Columns<'row> {
    row: &'row Row<'row>,
    next: usize,
}

impl<'row> Columns<'row> {
    pub(crate) fn new(row: &'row Row<'row>) -> Self {
        Self { row, next: 0 }
    }

    fn value(&mut self) -> Result<ValueRef<'row>, Fault> {
        let value = self.row.get_ref(self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// A text; none for null.
    fn optional_str(&mut self, column: &'static str) -> Result<Option<&'row str>, Fault> {
        match self.value()? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => {
                str::from_utf8(bytes).map(Some).map_err(|_| Fault::damaged(column, "not UTF-8"))
            }
            other => Err(wrong(column, other)),
        }
    }

    pub(crate) fn optional_text(&mut self, column: &'static str) -> Result<Option<String>, Fault> {
        Ok(self.optional_str(column)?.map(str::to_owned))
    }

    pub(crate) fn text(&mut self, column: &'static str) -> Result<String, Fault> {
        required(column, self.optional_text(column)?)
    }

    /// A text of a type of its own; none for null.
    pub(crate) fn optional_parsed<T: FromStr>(&mut self, column: &'static str) -> Result<Option<T>, Fault> {
        self.optional_str(column)?
            .map(|text| text.parse().map_err(|_| Fault::damaged(column, shown(text))))
            .transpose()
    }

    pub(crate) fn parsed<T: FromStr>(&mut self, column: &'static str) -> Result<T, Fault> {
        required(column, self.optional_parsed(column)?)
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(&mut self, column: &'static str, words: &[(&str, T)]) -> Result<T, Fault> {
        let text = required(column, self.optional_str(column)?)?;
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, meaning)| *meaning).ok_or_else(|| Fault::damaged(column, shown(text)))
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self, column: &'static str) -> Result<T, Fault> {
        let text = required(column, self.optional_str(column)?)?;
        serde_json::from_str(text).map_err(|_| Fault::damaged(column, shown(text)))
    }

    pub(crate) fn optional_integer(&mut self, column: &'static str) -> Result<Option<i64>, Fault> {
        match self.value()? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(number) => Ok(Some(number)),
            other => Err(wrong(column, other)),
        }
    }

    pub(crate) fn integer(&mut self, column: &'static str) -> Result<i64, Fault> {
        required(column, self.optional_integer(column)?)
    }

    /// A number within the range of its type; none for null.
    pub(crate) fn optional_number<T: TryFrom<i64>>(
        &mut self,
        column: &'static str,
    ) -> Result<Option<T>, Fault> {
        self.optional_integer(column)?
            .map(|number| T::try_from(number).map_err(|_| Fault::damaged(column, number.to_string())))
            .transpose()
    }

    pub(crate) fn number<T: TryFrom<i64>>(&mut self, column: &'static str) -> Result<T, Fault> {
        required(column, self.optional_number(column)?)
    }

    pub(crate) fn flag(&mut self, column: &'static str) -> Result<bool, Fault> {
        match self.integer(column)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Fault::damaged(column, other.to_string())),
        }
    }

    pub(crate) fn optional_digest(&mut self, column: &'static str) -> Result<Option<Digest>, Fault> {
        match self.value()? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(bytes) => match bytes.try_into() {
                Ok(digest) => Ok(Some(Digest(digest))),
                Err(_) => Err(wrong(column, ValueRef::Blob(bytes))),
            },
            other => Err(wrong(column, other)),
        }
    }

    /// Bytes of any length; none for null.
    pub(crate) fn optional_bytes(&mut self, column: &'static str) -> Result<Option<Vec<u8>>, Fault> {
        match self.value()? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(bytes) => Ok(Some(bytes.to_vec())),
            other => Err(wrong(column, other)),
        }
    }

    pub(crate) fn bytes(&mut self, column: &'static str) -> Result<Vec<u8>, Fault> {
        required(column, self.optional_bytes(column)?)
    }

    /// Whether the next column is null; it stays the next one.
    pub(crate) fn is_null(&self) -> Result<bool, Fault> {
        Ok(self.row.get_ref(self.next)? == ValueRef::Null)
    }

    pub(crate) fn digest(&mut self, column: &'static str) -> Result<Digest, Fault> {
        required(column, self.optional_digest(column)?)
    }

    pub(crate) fn blob(&mut self, column: &'static str) -> Result<BlobId, Fault> {
        self.digest(column).map(BlobId)
    }
}

/// A value in a column that is never null, or that is not null where its neighbours are not.
pub(crate) fn required<T>(column: &'static str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::damaged(column, "null"))
}

/// SQLite's integers have a sign.
pub(crate) fn to_integer(what: &'static str, number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|_| Fault::Range(OutOfRange { what, found: number }))
}

fn wrong(column: &'static str, value: ValueRef<'_>) -> Fault {
    let found = match value {
        ValueRef::Null => "null".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) => shown(&String::from_utf8_lossy(bytes)),
        ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()),
    };
    Fault::damaged(column, found)
}

/// The beginning of a text, with nothing in it that a terminal would obey.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    shown
}
