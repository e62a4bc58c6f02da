//! What an import does not take, and says so: databases, rows, files and packages that are not what they should be.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use amps_testkit::{PackageBuilder, fixture, run};

use crate::{
    deployment_server::{OPEN, configure},
    django::Django,
    process::amps,
};

/// Exit code and standard error of an import from some file.
fn refused(database: &Path, media: &Path, data: &Path) -> String {
    let mut command = amps();
    let (code, stdout, stderr) =
        run(command.arg("import-django").arg(database).arg(media).arg("--dd").arg(data));
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    assert!(!data.exists(), "nothing is made before the database is known to be one");
    stderr
}

#[test]
fn a_file_that_is_no_such_database_is_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let (data, text) = (folder.path().join("amps"), folder.path().join("text"));
    fs::write(&text, "this is not a database, but long enough to look like one".repeat(20)).unwrap();
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for (database, message) in [
        (folder.path().join("nothing"), "cannot open the database `"),
        (folder.path().to_owned(), "is a folder or a device, expected a file"),
        (fifo, "is a folder or a device, expected a file"),
        (text, "file is not a database"),
    ] {
        let stderr = refused(&database, folder.path(), &data);
        assert!(stderr.contains(message), "{message}: {stderr}");
    }
    let django = Django::new();
    let stderr = refused(&django.database(), &folder.path().join("nothing"), &data);
    assert!(stderr.contains("cannot open the folder `"), "{stderr}");
}

#[test]
fn tables_and_columns_that_are_missing_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for (change, message) in [
        (
            "DROP TABLE store_app;",
            "the database has no table `store_app`: found `auth_user`, `django_session`, `sqlite_sequence`, ",
        ),
        (
            "ALTER TABLE store_app RENAME TO x; CREATE VIEW store_app AS SELECT * FROM x;",
            "the database has no table `store_app`",
        ),
        (
            "ALTER TABLE store_app RENAME COLUMN file TO package;",
            "the table `store_app` has no column `file`: found `id`, `appid`, `name`, `package`, ",
        ),
        (
            "ALTER TABLE auth_user RENAME COLUMN password TO hash;",
            "the table `auth_user` has no column `password`: found `id`, `hash`, ",
        ),
        (
            "DROP TABLE store_category; CREATE TABLE store_category (id integer, name text);",
            "the column `id` of the table `store_category` is `no primary key`, expected an integer primary key",
        ),
        (
            "DROP TABLE store_category; CREATE TABLE store_category (id text PRIMARY KEY, name text);",
            "the column `id` of the table `store_category` is `TEXT`, expected an integer primary key",
        ),
    ] {
        let django = Django::new();
        django.sql(change);
        let stderr = refused(&django.database(), &django.media(), &folder.path().join("amps"));
        assert!(stderr.contains(message), "{message}: {stderr}");
    }
    let none = folder.path().join("empty");
    fs::write(&none, "").unwrap();
    let stderr = refused(&none, folder.path(), &folder.path().join("amps"));
    assert!(stderr.contains("the database has no table `auth_user`: found none"), "{stderr}");
}

/// The lines that say what was refused, without what is said of the rest.
fn lines(stdout: &str) -> Vec<&str> {
    stdout.lines().take_while(|line| !line.starts_with("users: ")).collect()
}

#[test]
fn rows_that_make_no_sense_cost_only_themselves() {
    let (django, data) = (Django::with_accounts(), tempfile::tempdir().unwrap());
    configure(data.path(), OPEN);
    django.sql(
        "PRAGMA ignore_check_constraints = 1;
        INSERT INTO auth_user (id, password, is_superuser, is_staff, is_active, username, first_name, email, date_joined, last_name)
            VALUES (2, x'00', 0, 0, 1, 'blob', '', '', '2019-01-01', ''), (3, '!', 0, 0, 'yes', 'flag', '', '', '2019-01-01', ''),
            (4, '!', 0, 0, 1, 'two words', '', '', '2019-01-01', ''), (5, '!', 0, 0, 1, 'time', '', '', 'now', ''),
            (6, printf('%.*c', 3000000, 'x'), 0, 0, 1, 'huge', '', '', '2019-01-01', ''),
            (7, printf('%.*c', 100000, 'x'), 0, 0, 1, 'large', '', '', '2019-01-01', '');
        INSERT INTO store_vendor VALUES (2, 'Nobody', '', 99), (3, 'Acme', '', 1), (4, char(27) || '[2J', '', 1), (5, 'None', 'none', 1);
        INSERT INTO store_category VALUES (2, '', 7, ''), (3, 'First', -3, '../db.sqlite3'), (4, 'Last', 9999999999, 'icons');",
    );
    let package = django.package("hello", &PackageBuilder::hello());
    django.app(1, "", &package, "2020-01-01 00:00:00");
    django.app(2, "", &package, "yesterday");
    django.app(3, "", &package, "2020-01-01 00:00:00");
    django.app(4, "", &package, "2020-01-01 00:00:00");
    django.app(5, "", &package, "2020-01-01 00:00:00");
    django.sql(
        "UPDATE store_app SET vendor_id = 2 WHERE id = 3; UPDATE store_app SET category_id = 77 WHERE id = 4;
        UPDATE store_app SET description = printf('%.*c', 262145, 'x') WHERE id = 5;",
    );
    let (code, stdout, stderr) = django.import(data.path(), &[]);
    assert_eq!((code, stderr.as_str()), (1, ""));
    let expected = [
        "added user ada",
        "refused user 2 of auth_user: `password` is bytes, expected text",
        "refused user 3 of auth_user: `is_active` is text, expected 0 or 1",
        "refused user 4 of auth_user: the name `two words` has the character ` `, expected letters, digits and `@`, `.`, `+`, `-`, `_`",
        "refused user 5 of auth_user: `date_joined` is something else, expected a time like `2020-02-29 12:00:00.5`",
        "refused user 6 of auth_user: a value has more than 2097152 bytes",
        "added user large",
        "note on user large: no password opens it: its hash is neither pbkdf2_sha256 nor argon2id; set another one with amps set-password",
        "added vendor Acme",
        "refused vendor Nobody: there is no user for it: row 99 of auth_user is missing or refused",
        "refused vendor 3 of store_vendor: row 1 has the same name",
        "refused vendor 4 of store_vendor: the name `\\u{1b}[2J` has the character `\\u{1b}`, expected characters on one line",
        "note on vendor None: it has no certificate any more, because that cannot be used: cannot read `none`: No such file or \
            directory (os error 2)",
        "added vendor None",
        "note on category First: its icon was not taken over: `../db.sqlite3` is no path inside the folder: expected names separated \
            by `/`, none of them `.` or `..`",
        "added category First",
        "added category Games",
        "refused category 2 of store_category: the name is empty",
        "note on category Last: its icon was not taken over: `icons` is no file",
        "added category Last",
        "refused package 2 of store_app: `dateModified` is something else, expected a time like `2020-02-29 12:00:00.5`",
        "added package org.example.hello 1.0 all",
        "refused package packages/hello (3 of store_app): its vendor, row 2, is missing or refused",
        "refused package packages/hello (4 of store_app): its category, row 77, is missing or refused",
        "refused package packages/hello (5 of store_app): the description has 262145 bytes, expected at most 262144",
    ];
    assert_eq!(lines(&stdout), expected);
    let counts = "users: 2 added, 0 there already, 5 refused\nvendors: 2 added, 0 there already, 3 refused\n\
        categories: 3 added, 0 there already, 1 refused\npackages: 1 added, 0 there already, 4 refused\n";
    assert!(stdout.contains(counts), "{stdout}");
}

#[test]
fn no_path_leads_out_of_the_folder() {
    let (django, data) = (Django::with_accounts(), tempfile::tempdir().unwrap());
    configure(data.path(), OPEN);
    let outside = django.media().parent().unwrap().join("outside");
    fs::write(&outside, PackageBuilder::hello().build()).unwrap();
    let media = django.media();
    symlink(&outside, media.join("packages/link")).unwrap();
    symlink(media.parent().unwrap(), media.join("folder")).unwrap();
    assert!(Command::new("mkfifo").arg(media.join("packages/fifo")).status().unwrap().success());
    let names = [
        "../outside",
        outside.to_str().unwrap(),
        "packages/../../outside",
        "packages/link",
        "folder/outside",
        "packages/fifo",
        "packages",
        "",
        "packages/nothing",
    ];
    for (id, name) in (1..).zip(names) {
        django.app(id, "", name, "2020-01-01 00:00:00");
    }
    let (code, stdout, stderr) = django.import(data.path(), &[]);
    assert_eq!((code, stderr.as_str()), (1, ""));
    let reasons: Vec<_> =
        lines(&stdout).into_iter().filter(|line| line.starts_with("refused package")).collect();
    for (reason, expected) in reasons.iter().zip([
        "is no path inside the folder",
        "is no path inside the folder",
        "is no path inside the folder",
        "is a symbolic link",
        "is a symbolic link",
        "`packages/fifo` is no file",
        "`packages` is no file",
        "is no path inside the folder",
        "cannot read `packages/nothing`: No such file or directory",
    ]) {
        assert!(reason.contains(expected), "{expected}: {reason}");
    }
    assert_eq!(reasons.len(), names.len());
    assert!(stdout.contains("packages: 0 added, 0 there already, 9 refused\n"), "{stdout}");
}

#[test]
fn packages_are_verified_as_uploads_are() {
    let (django, data) = (Django::with_accounts(), tempfile::tempdir().unwrap());
    let data = data.path();
    configure(data, "deploymentServer: { listenAddress: 'localhost:0' }");
    let certificate = fs::read_to_string(fixture("pki/dev1.crt")).unwrap();
    django.vendor(2, "Dev One", &certificate, 1);
    django.vendor(3, "Junk", "junk", 1);
    let files = [
        "qt6/hello",
        "qt6/hello-dev1",
        "qt6/hello-dev1",
        "qt6/hello-dev2",
        "bad/tampered-file",
        "qt6/hello-dev1-store-hw",
    ];
    for (id, name) in (1..).zip(files) {
        let file = format!("packages/{id}");
        fs::copy(fixture("packages").join(format!("{name}.ampkg")), django.media().join(&file)).unwrap();
        django.app(id, if id == 2 { "org.example.else" } else { "" }, &file, "2020-01-01 00:00:00");
    }
    django.sql("UPDATE store_app SET vendor_id = 2;");
    let (code, stdout, stderr) = django.import(data, &[]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("the deployment server needs `developerVerificationCaCertificates`"), "{stderr}");
    assert!(!data.join(".amps").exists());
    let pki = |name: &str| fixture("pki").join(name).into_os_string().into_string().unwrap();
    let (devca, ca) = (pki("devca.crt"), pki("ca.crt"));
    let (code, stdout, stderr) = django.import(data, &["--dc", &devca, "--dc", &ca]);
    assert_eq!((code, stderr.as_str()), (1, ""));
    let lines: Vec<_> = lines(&stdout)
        .into_iter()
        .filter(|line| !line.starts_with("added ") || line.contains("package"))
        .collect();
    for (line, expected) in lines.iter().zip([
        "refused vendor Junk: its certificate cannot be used: cannot read `junk`",
        "refused package packages/1 (1 of store_app): no developer signature",
        "refused package org.example.else (2 of store_app): the package has the id `org.example.hello`, expected `org.example.else`",
        "added package org.example.hello 1.0 all",
        "refused package packages/4 (4 of store_app): ",
        "refused package packages/5 (5 of store_app): ",
        "refused package packages/6 (6 of store_app): the package has a store signature already",
    ]) {
        assert!(line.starts_with(expected), "{expected}: {line}");
    }
    assert!(lines[4].contains("dev2@example.org") && lines[4].contains("dev1@example.org"), "{}", lines[4]);
    assert_eq!(lines.len(), 7, "{stdout}");
    assert!(stdout.ends_with("developer signatures: verified\n"), "{stdout}");
}

#[test]
fn a_database_that_is_being_written_is_read_as_it_was() {
    let (django, data) = (Django::with_accounts(), tempfile::tempdir().unwrap());
    configure(data.path(), OPEN);
    let script = "import sqlite3, subprocess, sys\n\
        writer = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
        writer.execute('PRAGMA journal_mode = WAL')\n\
        writer.execute(\"INSERT INTO store_category VALUES (8, 'In the log', 8, '')\")\n\
        writer.execute('BEGIN IMMEDIATE')\n\
        writer.execute(\"INSERT INTO store_category VALUES (9, 'Not yet', 9, '')\")\n\
        sys.exit(subprocess.call(sys.argv[2:]))\n";
    let mut command = Command::new("python3");
    command.args(["-c", script]).arg(django.database()).arg(env!("CARGO_BIN_EXE_amps")).arg("import-django");
    let (code, stdout, stderr) =
        run(command.arg(django.database()).arg(django.media()).arg("--dd").arg(data.path()));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.contains("added category Games\nadded category In the log\nusers: "), "{stdout}");
}
