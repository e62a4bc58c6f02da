//! The connections to one database: one that writes, some that read.

use std::{
    ffi::OsString,
    fs::File,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior,
    backup::{Backup, StepResult},
    config::DbConfig,
};

use crate::{
    error::{Fault, OpenError},
    integrity, schema,
};

/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait at a time where SQLite leaves the waiting to its caller.
const BUSY_STEP: Duration = Duration::from_millis(10);
/// How many connections that nobody reads from stay open.
const IDLE_READERS: usize = 4;
/// More than the catalog has statements, so that each is prepared once per connection.
const CACHED_STATEMENTS: usize = 96;

/// How much of a file is looked at before it is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Check {
    Nothing,
    All,
}

#[derive(Debug)]
pub(crate) struct Connections {
    /// Closed before the writer, which then leaves no write-ahead log behind.
    readers: Option<Readers>,
    writers: Mutex<Writers>,
}

/// Only one writes at a time.
#[derive(Debug)]
struct Writers {
    /// What it writes survives the end of the process, but a power cut perhaps not. Only where there is a write-ahead log:
    /// then what is lost are the last transactions as a whole (sqlite.org/pragma.html, "synchronous").
    passing: Option<Connection>,
    lasting: Connection,
}

impl Writers {
    fn alone(lasting: Connection) -> Mutex<Self> {
        Mutex::new(Self { passing: None, lasting })
    }
}

/// How long something is to be remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lasting {
    /// Whatever happens.
    Always,
    /// As long as the machine has power. Not waiting for the disk makes it some ten times as fast.
    UntilPowerCut,
}

/// Readers do not wait for each other or for the writer. There are as many as there are threads that read at the same time.
#[derive(Debug)]
struct Readers {
    path: PathBuf,
    access: Access,
    idle: Mutex<Vec<Connection>>,
}

/// What is done to a file that is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// It is made if it is missing, and written to.
    Use,
    /// It must be there, and stays as it is. If it has no log, SQLite makes an empty one, and may remove that again.
    Look { has_log: bool },
}

impl Connections {
    /// Opens the database in a file, which is made if it is missing.
    pub(crate) fn to_file(path: &Path) -> Result<Self, Fault> {
        Self::open(path, Check::Nothing)
    }

    /// The same, if nothing in it is damaged.
    pub(crate) fn to_checked_file(path: &Path) -> Result<Self, Fault> {
        Self::open(path, Check::All)
    }

    fn open(path: &Path, check: Check) -> Result<Self, Fault> {
        // A relative path begins with `.`: SQLite has a meaning of its own for `:memory:` and the empty name.
        let path = Path::new(".").join(path);
        let is_new = !path.exists();
        if is_new {
            create(&path);
        }
        let mut writer = connect(&path, Access::Use)?;
        // If this fails, nothing is written, not even what the log has.
        writer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        schema::check(&writer, &path)?;
        if check == Check::All {
            integrity::check_pages(&writer)?;
        }
        // Only now: this writes to the file.
        use_write_ahead_log(&writer)?;
        // What is acknowledged survives a power cut (sqlite.org/pragma.html, "synchronous").
        writer.pragma_update(None, "synchronous", "FULL")?;
        schema::migrate(&mut writer, &path)?;
        if check == Check::All {
            integrity::check_rows(&writer)?;
        }
        writer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        if is_new {
            sync_folder_of(&path)?;
        }
        let journal: String = writer.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        let passing = if journal == "wal" {
            let passing = connect(&path, Access::Use)?;
            passing.pragma_update(None, "synchronous", "NORMAL")?;
            Some(passing)
        } else {
            None
        };
        let readers = Readers { path, access: Access::Use, idle: Mutex::new(Vec::new()) };
        Ok(Self { readers: Some(readers), writers: Mutex::new(Writers { passing, lasting: writer }) })
    }

    /// Opens a database that is there, whatever its version, and only to read: whoever writes through this fails.
    pub(crate) fn to_look(path: &Path) -> Result<Self, Fault> {
        let path = Path::new(".").join(path);
        let mut log = OsString::from(&path);
        log.push("-wal");
        let access = Access::Look { has_log: Path::new(&log).exists() };
        let connection = connect(&path, access)?;
        connection.pragma_update(None, "query_only", true)?;
        schema::check(&connection, &path)?;
        let readers = Readers { path, access, idle: Mutex::new(Vec::new()) };
        Ok(Self { readers: Some(readers), writers: Writers::alone(connection) })
    }

    /// Opens a database that nobody else sees and that goes with this value.
    pub(crate) fn to_memory() -> Result<Self, Fault> {
        let mut writer = Connection::open_in_memory()?;
        configure(&writer)?;
        schema::migrate(&mut writer, Path::new(":memory:"))?;
        Ok(Self { readers: None, writers: Writers::alone(writer) })
    }

    /// Makes a file hold a copy of this database as it is at one moment. Nobody waits for it where there is a write-ahead log.
    pub(crate) fn copy_to(&self, file: &Path) -> Result<(), Fault> {
        let file = Path::new(".").join(file);
        create(&file);
        let mut copy = connect(&file, Access::Use)?;
        self.read(|connection| {
            // All pages in one step: one state, however many write meanwhile.
            match Backup::new(connection, &mut copy)?.step(-1)? {
                StepResult::Done => Ok(()),
                _ => Err(OpenError::Busy { path: file.clone() }.into()),
            }
        })?;
        // A copy is one file, that can be read where nothing can be written.
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        drop(copy);
        let synced = File::open(&file).and_then(|file| file.sync_all());
        synced.map_err(|source| OpenError::Sync { path: file.clone(), source })?;
        sync_folder_of(&file)
    }

    /// Reads; each statement sees one state of the database.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let Some(readers) = &self.readers else { return read(&lock(&self.writers).lasting) };
        let idle = lock(&readers.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => readers.open()?,
        };
        let result = read(&connection);
        let mut idle = lock(&readers.idle);
        if idle.len() < IDLE_READERS {
            idle.push(connection);
        }
        result
    }

    /// Reads and writes in one transaction, which an error takes back.
    pub(crate) fn write<T>(
        &self,
        lasting: Lasting,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let writers = &mut *lock(&self.writers);
        let connection = match (lasting, &mut writers.passing) {
            (Lasting::UntilPowerCut, Some(passing)) => passing,
            _ => &mut writers.lasting,
        };
        // Immediate: a transaction that begins by reading could not become one that writes once another process has
        // written (sqlite.org/lang_transaction.html).
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = write(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }
}

impl Readers {
    fn open(&self) -> Result<Connection, Fault> {
        let connection = connect(&self.path, self.access)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }
}

fn connect(path: &Path, access: Access) -> Result<Connection, Fault> {
    // Without `SQLITE_OPEN_URI`, a path that begins with `file:` is a path.
    let flags = match access {
        Access::Use => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        // What is in the log stays there: the database may be damaged.
        Access::Look { has_log: true } => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Access::Look { has_log: false } => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&connection)?;
    Ok(connection)
}

/// Lets readers and the writer not wait for each other. On a file system that cannot have that, SQLite keeps a rollback
/// journal instead, which is as safe.
fn use_write_ahead_log(connection: &Connection) -> Result<(), Fault> {
    let mut waited = Duration::ZERO;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            // Two processes that open a new file together want this at the same time. Here SQLite does not wait by itself,
            // because waiting with a lock that the other one needs would not help.
            Err(error) if is_busy(&error) && waited < BUSY_TIMEOUT => {
                thread::sleep(BUSY_STEP);
                waited += BUSY_STEP;
            }
            result => return Ok(result?),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// Settings that belong to a connection, not to the file.
fn configure(connection: &Connection) -> Result<(), Fault> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    // The file may be damaged, or made to do damage (sqlite.org/security.html).
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(())
}

/// Makes an empty file, which is as good as none, that only its owner can read: it will hold the hashes of passwords. SQLite
/// gives the log the same permissions. If somebody else is faster, or it cannot be made, opening it says so.
#[cfg(unix)]
fn create(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt as _;
    let _ = File::options().write(true).create_new(true).mode(0o600).open(path);
}

/// Other systems give a file the permissions of its folder.
#[cfg(not(unix))]
fn create(_: &Path) {}

/// Brings the name of a new file safely to disk. SQLite does so for its journals only.
#[cfg(unix)]
pub(crate) fn sync_folder_of(path: &Path) -> Result<(), Fault> {
    let Some(folder) = path.parent() else { return Ok(()) };
    let sync = File::open(folder).and_then(|folder| folder.sync_all());
    sync.map_err(|source| OpenError::Sync { path: folder.to_owned(), source }.into())
}

/// Other systems have no such call.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps)]
pub(crate) fn sync_folder_of(_: &Path) -> Result<(), Fault> {
    Ok(())
}

/// A panic under one of the locks leaves nothing half-done: a transaction that is dropped is taken back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
