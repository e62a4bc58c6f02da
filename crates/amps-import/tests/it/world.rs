//! A database of the other server, and a store of ours.

use std::{fs, path::PathBuf, sync::Arc};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Clock as _, FolderBlobStore, Limits, PackagesFolder, Parts, ReleasesKept, Security, Store, SystemClock,
};
use amps_import::{Import, ImportError, Line, MediaFolder, Source, Summary};
use amps_testkit::PackageBuilder;
use rusqlite::Connection;

pub(crate) const TABLES: &str = "
    CREATE TABLE auth_user (id integer PRIMARY KEY, username text, password text, is_active bool, is_staff bool);
    CREATE TABLE store_vendor (id integer PRIMARY KEY, name text, user_id integer);
    CREATE TABLE store_category (id integer PRIMARY KEY, name text);
    CREATE TABLE store_app (id integer PRIMARY KEY, file text, vendor_id integer, category_id integer);
    INSERT INTO auth_user VALUES (1, 'ada', '!', 1, 0);
    INSERT INTO store_vendor VALUES (1, 'Acme', 1);
    INSERT INTO store_category VALUES (1, 'Games');";

pub(crate) struct World {
    folder: tempfile::TempDir,
    pub(crate) catalog: Arc<SqliteCatalog>,
}

impl World {
    pub(crate) fn new(statements: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("media")).unwrap();
        let catalog = Arc::new(SqliteCatalog::in_memory().unwrap());
        let world = Self { folder, catalog };
        world.sql(statements);
        world
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("db.sqlite3")
    }

    pub(crate) fn sql(&self, statements: &str) {
        Connection::open(self.database()).unwrap().execute_batch(statements).unwrap();
    }

    /// Writes a package, which the database calls by its version, and enters it.
    pub(crate) fn package(&self, id: u32, version: &str) {
        let package = PackageBuilder::hello().version(version).build();
        fs::write(self.folder.path().join("media").join(version), package).unwrap();
        self.sql(&format!("INSERT INTO store_app VALUES ({id}, '{version}', 1, 1)"));
    }

    pub(crate) fn read(&self) -> Result<Source, amps_import::DatabaseError> {
        Source::read(&self.database())
    }

    pub(crate) fn store(&self) -> Store {
        let folder = self.folder.path();
        Store::open(Parts {
            catalog: self.catalog.clone(),
            blobs: Arc::new(FolderBlobStore::open(folder).unwrap()),
            packages: PackagesFolder::open(folder.join("packages")).unwrap(),
            clock: Arc::new(SystemClock),
            events: Arc::new(()),
            limits: Limits::default(),
            developers: None,
            signing: None,
            keep: ReleasesKept::All,
        })
        .unwrap()
    }

    /// Takes over what the database says now; `accounts` may fail where the catalog does not.
    pub(crate) fn import_into(
        &self,
        accounts: &dyn amps_core::accounts::Accounts,
    ) -> (Result<Summary, ImportError>, Vec<Line>) {
        let media = MediaFolder::open(&self.folder.path().join("media")).unwrap();
        let (store, mut lines) = (self.store(), Vec::new());
        let package_bytes = Limits::default().package_bytes;
        let import = Import {
            accounts,
            store: &store,
            cause: &amps_core::Origin::Import.into(),
            media: &media,
            security: Security::Off,
            package_bytes,
        };
        let source = self.read().unwrap();
        let result = import.run(&source, SystemClock.now(), &mut |line| lines.push(line.clone()));
        (result, lines)
    }

    pub(crate) fn import(&self) -> (Summary, Vec<Line>) {
        let (result, lines) = self.import_into(&*self.catalog);
        (result.unwrap(), lines)
    }

    /// The reasons of what was refused.
    pub(crate) fn refused(&self) -> Vec<String> {
        let reason = |line| match line {
            Line::Refused { reason, .. } => Some(reason),
            _ => None,
        };
        self.import().1.into_iter().filter_map(reason).collect()
    }
}
