//! Opening a database that may be anything, for reading and nothing else.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig, limits::Limit};

/// How long to wait for a server that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of one value, inclusive: more than the largest that is taken over, which is a vendor's certificate.
pub(crate) const MAX_VALUE_BYTES: i32 = 2 * 1024 * 1024;
/// Rows of one table, inclusive.
pub(crate) const MAX_ROWS: usize = 1_000_000;
/// Bytes of all values that are taken over, inclusive, because they are held until they are.
pub(crate) const MAX_TOTAL_BYTES: usize = 512 * 1024 * 1024;

/// Why a database is not that of a Deployment Server. Nothing was taken over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// The file cannot be looked at.
    #[error("cannot open the database {}", ampkg::quoted(&.path.to_string_lossy()))]
    Open {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is no file.
    #[error("the database {} is a folder or a device, expected a file", ampkg::quoted(&.path.to_string_lossy()))]
    NoFile {
        /// What was named.
        path: PathBuf,
    },
    /// SQLite cannot read it.
    #[error("cannot read the database {}", ampkg::quoted(&.path.to_string_lossy()))]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: rusqlite::Error,
    },
    /// A table is not there.
    #[error("the database has no table `{expected}`: found {}", listed(.found))]
    NoTable {
        /// Its name.
        expected: &'static str,
        /// The tables that are there.
        found: Vec<String>,
    },
    /// A column is not there.
    #[error("the table `{table}` has no column {}: found {}", alternatives(.expected), listed(.found))]
    NoColumn {
        /// The table.
        table: &'static str,
        /// Its name, and others that it may have.
        expected: &'static [&'static str],
        /// The columns that are there.
        found: Vec<String>,
    },
    /// Rows cannot be told from each other.
    #[error("the column `id` of the table `{table}` is {}, expected an integer primary key", ampkg::quoted(.found))]
    NoKey {
        /// The table.
        table: &'static str,
        /// What the column was declared as.
        found: String,
    },
    /// There are more rows than a server of that kind has.
    #[error("the table `{table}` has more than {MAX_ROWS} rows")]
    TooManyRows {
        /// The table.
        table: &'static str,
    },
    /// The texts are more than anybody has written.
    #[error("the database has more than {MAX_TOTAL_BYTES} bytes to take over")]
    TooLarge,
}

impl DatabaseError {
    /// Whether another program keeps the database from being read.
    pub fn is_busy(&self) -> bool {
        let Self::Sqlite { source, .. } = self else { return false };
        matches!(source.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
    }

    /// Whether a program that wrote was cut off, and what it has left is to be taken back first, which takes writing.
    pub fn is_half_written(&self) -> bool {
        let Self::Sqlite { source, .. } = self else { return false };
        source.sqlite_error_code() == Some(ErrorCode::ReadOnly)
    }
}

/// What went wrong, before it is said in which file.
#[derive(Debug)]
pub(crate) enum Fault {
    Sqlite(rusqlite::Error),
    Database(DatabaseError),
}

impl Fault {
    pub(crate) fn of(self, path: &Path) -> DatabaseError {
        match self {
            Self::Sqlite(source) => DatabaseError::Sqlite { path: path.to_owned(), source },
            Self::Database(error) => error,
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<DatabaseError> for Fault {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

/// Opens a file that is there. It is not written to, and its schema is trusted with nothing (sqlite.org/security.html).
pub(crate) fn open(path: &Path) -> Result<Connection, Fault> {
    let unreadable = |source| DatabaseError::Open { path: path.to_owned(), source };
    // SQLite would wait for whoever writes to a FIFO.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(DatabaseError::NoFile { path: path.to_owned() }.into());
    }
    // What SQLite calls a failure to open, the file system says better.
    fs::File::open(path).map_err(unreadable)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // A relative path begins with `.`: SQLite has a meaning of its own for `:memory:`.
    let connection = Connection::open_with_flags(Path::new(".").join(path), flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)?;
    Ok(connection)
}

/// The tables; views and virtual tables are none, because asking them may have any effect and take any time.
pub(crate) fn tables(connection: &Connection) -> Result<Vec<String>, Fault> {
    let sql = "SELECT name FROM sqlite_schema \
        WHERE type = 'table' AND rootpage > 0 AND sql NOT LIKE 'create virtual%' ORDER BY name LIMIT 10000";
    let mut statement = connection.prepare(sql)?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// How many names a message lists.
const LISTED: usize = 30;

fn listed(names: &[String]) -> String {
    let mut text: Vec<String> = names.iter().take(LISTED).map(|name| ampkg::quoted(name)).collect();
    match names.len() {
        0 => return "none".to_owned(),
        all if all > LISTED => text.push(format!("and {} more", all - LISTED)),
        _ => {}
    }
    text.join(", ")
}

fn alternatives(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" or ")
}
