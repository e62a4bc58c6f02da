//! What a Django server leaves: a database that the program `sqlite3` makes, with hashes that Python makes, and its folder of files.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use amps_testkit::{PackageBuilder, fixture, run};

use crate::process::amps;

/// What the users of the database log in with.
pub(crate) const PASSWORD: &str = "open sesame";

/// The tables as later versions have them. Those that Django itself needs are left out, but one, which is none of our business.
const TABLES: &str = "
CREATE TABLE django_session (session_key varchar(40) NOT NULL PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL);
CREATE TABLE auth_user (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, password varchar(128) NOT NULL, last_login datetime NULL,
    is_superuser bool NOT NULL, username varchar(150) NOT NULL UNIQUE, first_name varchar(30) NOT NULL, email varchar(254) NOT NULL,
    is_staff bool NOT NULL, is_active bool NOT NULL, date_joined datetime NOT NULL, last_name varchar(150) NOT NULL);
CREATE TABLE store_vendor (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(200) NOT NULL, certificate text NOT NULL,
    user_id integer NOT NULL REFERENCES auth_user (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE store_category (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(200) NOT NULL, rank smallint NOT NULL UNIQUE,
    icon varchar(100) NOT NULL);
CREATE TABLE store_app (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, appid varchar(200) NOT NULL, name varchar(200) NOT NULL,
    file varchar(100) NOT NULL, briefDescription text NOT NULL, description text NOT NULL, architecture varchar(20) NOT NULL,
    tags_hash varchar(4096) NOT NULL, version varchar(20) NOT NULL, dateAdded date NOT NULL, dateModified date NOT NULL,
    category_id integer NOT NULL REFERENCES store_category (id), vendor_id integer NOT NULL REFERENCES store_vendor (id));
";

/// A server's folder.
pub(crate) struct Django {
    folder: tempfile::TempDir,
}

impl Django {
    /// An empty server of the later kind.
    pub(crate) fn new() -> Self {
        let django = Self::with_tables(TABLES);
        fs::create_dir_all(django.media().join("packages")).unwrap();
        fs::create_dir_all(django.media().join("icons")).unwrap();
        django
    }

    pub(crate) fn with_tables(tables: &str) -> Self {
        let django = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(django.media()).unwrap();
        django.sql(tables);
        django
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("db.sqlite3")
    }

    pub(crate) fn media(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Changes the database.
    pub(crate) fn sql(&self, statements: &str) {
        let mut sqlite = Command::new("sqlite3")
            .args(["-bail", "-batch"])
            .arg(self.database())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program sqlite3 makes the database");
        sqlite.stdin.take().unwrap().write_all(statements.as_bytes()).unwrap();
        assert!(sqlite.wait().unwrap().success(), "{statements}");
    }

    /// `flags` are superuser, staff, active.
    pub(crate) fn user(&self, id: u32, name: &str, password_hash: &str, flags: &str) {
        self.sql(&format!(
            "INSERT INTO auth_user (id, password, is_superuser, is_staff, is_active, username, first_name, email, date_joined, last_name) \
            VALUES ({id}, '{password_hash}', {flags}, '{name}', '', '', '2019-05-07 08:09:10.123456', '');"
        ));
    }

    pub(crate) fn category(&self, id: u32, name: &str, rank: i32, icon: &str) {
        self.sql(&format!("INSERT INTO store_category VALUES ({id}, '{name}', {rank}, '{icon}');"));
    }

    pub(crate) fn vendor(&self, id: u32, name: &str, certificate: &str, user: u32) {
        self.sql(&format!("INSERT INTO store_vendor VALUES ({id}, '{name}', '{certificate}', {user});"));
    }

    /// Enters a package of the first category and vendor.
    pub(crate) fn app(&self, id: u32, appid: &str, file: &str, modified: &str) {
        self.sql(&app_row(id, appid, file, modified));
    }

    /// Writes a package into the folder; returns what the database calls it.
    pub(crate) fn package(&self, name: &str, package: &PackageBuilder) -> String {
        let name = format!("packages/{name}");
        fs::write(self.media().join(&name), package.build()).unwrap();
        name
    }

    /// A user, a vendor and a category, each the first.
    pub(crate) fn with_accounts() -> Self {
        let django = Self::new();
        django.user(1, "ada", &hash(PASSWORD), "1, 1, 1");
        django.vendor(1, "Acme", "", 1);
        django.category(1, "Games", 2, "icons/games.png");
        fs::copy(fixture("hello").join("icon.png"), django.media().join("icons/games.png")).unwrap();
        django
    }

    /// Exit code, standard output, standard error of an import.
    pub(crate) fn import(&self, data: &Path, options: &[&str]) -> (i32, String, String) {
        let mut command = amps();
        command
            .arg("import-django")
            .arg(self.database())
            .arg(self.media())
            .arg("--dd")
            .arg(data)
            .args(options);
        let (code, stdout, stderr) = run(&mut command);
        for text in [&stdout, &stderr] {
            assert!(!text.contains("pbkdf2_sha256$") && !text.contains(PASSWORD), "{text}");
        }
        (code.unwrap(), stdout, stderr)
    }
}

/// The statement that enters a package of the first category and vendor.
pub(crate) fn app_row(id: u32, appid: &str, file: &str, modified: &str) -> String {
    format!(
        "INSERT INTO store_app VALUES ({id}, '{appid}', 'Hello', '{file}', 'brief {id}', '<b>long {id}</b>', 'All', '', '0.0.0', \
        '2019-01-01 00:00:00', '{modified}', 1, 1);"
    )
}

/// What Django keeps of a password.
pub(crate) fn hash(password: &str) -> String {
    let script = "import base64, hashlib, sys\n\
        digest = hashlib.pbkdf2_hmac('sha256', sys.argv[1].encode(), b'Xq1zW8kPp0aB', 150000)\n\
        print('pbkdf2_sha256$150000$Xq1zW8kPp0aB$' + base64.b64encode(digest).decode())";
    let (code, hash, stderr) = run(Command::new("python3").args(["-c", script, password]));
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "python3 makes the hashes of passwords");
    hash.trim().to_owned()
}
