//! A table whose columns are found by their names, and its rows, each value as its type.

use amps_core::Timestamp;
use rusqlite::{Connection, ErrorCode, Row, types::ValueRef};

use crate::database::{DatabaseError, Fault, MAX_ROWS, MAX_TOTAL_BYTES};

/// By what the first row that does not count is noticed.
const ROWS_ASKED_FOR: usize = MAX_ROWS + 1;

/// A table in which something is looked for.
pub(crate) struct Table<'c> {
    connection: &'c Connection,
    name: &'static str,
    columns: Vec<String>,
    /// What is read of each row, as SQL and as it is called.
    wanted: Vec<(String, String)>,
}

/// A column that is read.
#[derive(Clone, Copy)]
pub(crate) struct Slot(usize);

/// A row that cannot be taken over.
pub(crate) struct Unread {
    pub(crate) table: &'static str,
    pub(crate) id: i64,
    pub(crate) reason: String,
}

/// A moment, to the thousandth of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    unix_ms: i64,
}

impl Moment {
    /// The second that it is in.
    pub(crate) fn timestamp(self) -> Timestamp {
        Timestamp(self.unix_ms.div_euclid(1000))
    }
}

impl<'c> Table<'c> {
    pub(crate) fn find(
        connection: &'c Connection,
        tables: &[String],
        name: &'static str,
    ) -> Result<Self, Fault> {
        if !tables.iter().any(|table| table == name) {
            return Err(DatabaseError::NoTable { expected: name, found: tables.to_vec() }.into());
        }
        let mut statement = connection.prepare("SELECT name, type, pk FROM pragma_table_info(?1)")?;
        let mut rows = statement.query([name])?;
        let (mut columns, mut keys) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let (column, kind, key): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if key > 0 {
                keys.push((column.clone(), kind));
            }
            columns.push(column);
        }
        if !columns.iter().any(|column| column == "id") {
            return Err(DatabaseError::NoColumn { table: name, expected: &["id"], found: columns }.into());
        }
        // Only such a column names rows that are found without looking at all of them (sqlite.org/lang_createtable.html, "ROWID").
        match keys.as_slice() {
            [(column, kind)] if column == "id" && kind.eq_ignore_ascii_case("integer") => {}
            keys => {
                let found = keys.iter().find(|(column, _)| column == "id");
                let found = found.map_or_else(|| "no primary key".to_owned(), |(_, kind)| kind.clone());
                return Err(DatabaseError::NoKey { table: name, found }.into());
            }
        }
        Ok(Self { connection, name, columns, wanted: Vec::new() })
    }

    /// A column that must be there, under one of these names.
    pub(crate) fn column(&mut self, names: &'static [&'static str]) -> Result<Slot, Fault> {
        match self.optional(names) {
            Some(slot) => Ok(slot),
            None => Err(self.missing(names)),
        }
    }

    /// A column that was not always there.
    pub(crate) fn optional(&mut self, names: &[&str]) -> Option<Slot> {
        let column = self.named(names)?;
        Some(self.want(quoted_identifier(&column), column))
    }

    /// The same for a time as Django writes it, in UTC, which SQLite reads as such.
    pub(crate) fn optional_moment(&mut self, names: &[&str]) -> Option<Slot> {
        let column = self.named(names)?;
        let quoted = quoted_identifier(&column);
        // What SQLite takes for a time may be `now` or a number; an empty text stands for what is none.
        let sql = format!(
            "CASE WHEN {quoted} IS NULL THEN NULL WHEN typeof({quoted}) = 'text' AND {quoted} GLOB \
            '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' \
            THEN coalesce(CAST(round(unixepoch({quoted}, 'subsec') * 1000) AS INTEGER), '') ELSE '' END"
        );
        Some(self.want(sql, column))
    }

    /// Reads all rows, in the order of their ids. `budget` is what remains of [`MAX_TOTAL_BYTES`].
    pub(crate) fn read<T>(
        &self,
        budget: &mut usize,
        parse: impl Fn(&mut Cells<'_>) -> Result<T, String>,
    ) -> Result<Vec<Result<T, Unread>>, Fault> {
        let ids = self.ids()?;
        if ids.len() > MAX_ROWS {
            return Err(DatabaseError::TooManyRows { table: self.name }.into());
        }
        let sql: Vec<&str> = self.wanted.iter().map(|(sql, _)| sql.as_str()).collect();
        let sql = format!("SELECT {} FROM {} WHERE id = ?1", sql.join(", "), self.name);
        let mut statement = self.connection.prepare(&sql)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let unread = |reason| Unread { table: self.name, id, reason };
            let mut rows = statement.query([id])?;
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => continue,
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::TooBig) => {
                    found.push(Err(unread(too_big())));
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let mut cells = Cells { row, id, wanted: &self.wanted, bytes: 0 };
            found.push(parse(&mut cells).map_err(unread));
            *budget = budget.checked_sub(cells.bytes).ok_or(DatabaseError::TooLarge)?;
        }
        Ok(found)
    }

    fn ids(&self) -> Result<Vec<i64>, Fault> {
        let sql = format!("SELECT id FROM {} ORDER BY id LIMIT {ROWS_ASKED_FOR}", self.name);
        let mut statement = self.connection.prepare(&sql)?;
        let ids = statement.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    fn missing(&self, expected: &'static [&'static str]) -> Fault {
        DatabaseError::NoColumn { table: self.name, expected, found: self.columns.clone() }.into()
    }

    fn want(&mut self, sql: String, column: String) -> Slot {
        self.wanted.push((sql, column));
        Slot(self.wanted.len() - 1)
    }

    /// The column that has one of these names; `dateModified` and `date_modified` are the same.
    fn named(&self, names: &[&str]) -> Option<String> {
        let is_same = |column: &String, name: &str| plain(column) == plain(name);
        let find = |name: &&str| self.columns.iter().find(|column| is_same(column, name)).cloned();
        names.iter().find_map(find)
    }
}

/// The values of a row.
pub(crate) struct Cells<'r> {
    row: &'r Row<'r>,
    id: i64,
    wanted: &'r [(String, String)],
    bytes: usize,
}

impl<'r> Cells<'r> {
    pub(crate) fn id(&self) -> i64 {
        self.id
    }

    /// A text; none for null and for a column that is not there.
    pub(crate) fn optional_text(&mut self, slot: Option<Slot>) -> Result<Option<String>, String> {
        let Some(slot) = slot else { return Ok(None) };
        match self.value(slot)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => match str::from_utf8(bytes) {
                Ok(text) => Ok(Some(text.to_owned())),
                Err(_) => Err(self.wrong(slot, "text that is not UTF-8", "text")),
            },
            other => Err(self.wrong(slot, kind(other), "text")),
        }
    }

    pub(crate) fn text(&mut self, slot: Slot) -> Result<String, String> {
        self.optional_text(Some(slot))?.ok_or_else(|| self.wrong(slot, "null", "text"))
    }

    /// What somebody may keep as text or as bytes.
    pub(crate) fn optional_bytes(&mut self, slot: Option<Slot>) -> Result<Option<Vec<u8>>, String> {
        let Some(slot) = slot else { return Ok(None) };
        match self.value(slot)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(Some(bytes.to_owned())),
            other => Err(self.wrong(slot, kind(other), "text")),
        }
    }

    pub(crate) fn optional_integer(&mut self, slot: Option<Slot>) -> Result<Option<i64>, String> {
        let Some(slot) = slot else { return Ok(None) };
        match self.value(slot)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(number) => Ok(Some(number)),
            other => Err(self.wrong(slot, kind(other), "an integer")),
        }
    }

    pub(crate) fn integer(&mut self, slot: Slot) -> Result<i64, String> {
        self.optional_integer(Some(slot))?.ok_or_else(|| self.wrong(slot, "null", "an integer"))
    }

    /// A flag; not set where there is no such column.
    pub(crate) fn flag(&mut self, slot: Option<Slot>) -> Result<bool, String> {
        let Some(slot) = slot else { return Ok(false) };
        match self.value(slot)? {
            ValueRef::Integer(number @ (0 | 1)) => Ok(number == 1),
            ValueRef::Integer(_) => Err(self.wrong(slot, "another integer", "0 or 1")),
            other => Err(self.wrong(slot, kind(other), "0 or 1")),
        }
    }

    pub(crate) fn optional_moment(&mut self, slot: Option<Slot>) -> Result<Option<Moment>, String> {
        let Some(slot) = slot else { return Ok(None) };
        match self.value(slot)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(unix_ms) => Ok(Some(Moment { unix_ms })),
            _ => Err(self.wrong(slot, "something else", "a time like `2020-02-29 12:00:00.5`")),
        }
    }

    fn value(&mut self, slot: Slot) -> Result<ValueRef<'r>, String> {
        let value = match self.row.get_ref(slot.0) {
            Ok(value) => value,
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::TooBig) => return Err(too_big()),
            Err(error) => return Err(error.to_string()),
        };
        if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = value {
            self.bytes = self.bytes.saturating_add(bytes.len());
        }
        Ok(value)
    }

    /// Says what kind of value is wrong, never which: it may be a secret.
    fn wrong(&self, slot: Slot, found: &str, expected: &str) -> String {
        let column = self.wanted.get(slot.0).map_or("", |(_, column)| column.as_str());
        format!("{} is {found}, expected {expected}", ampkg::quoted(column))
    }
}

/// What [`Table::read`] begins with.
pub(crate) fn budget() -> usize {
    MAX_TOTAL_BYTES
}

fn too_big() -> String {
    format!("a value has more than {} bytes", crate::database::MAX_VALUE_BYTES)
}

fn kind(value: ValueRef<'_>) -> &'static str {
    match value {
        ValueRef::Null => "null",
        ValueRef::Integer(_) => "an integer",
        ValueRef::Real(_) => "a number",
        ValueRef::Text(_) => "text",
        ValueRef::Blob(_) => "bytes",
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

/// A name as SQL has it, whatever characters it is made of.
fn quoted_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
