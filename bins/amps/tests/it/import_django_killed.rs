//! Programs that are killed in the middle: the import, and one that writes the database.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use amps_catalog::SqliteCatalog;
use amps_core::{Catalog as _, accounts::StoreEntries as _};
use amps_testkit::{PackageBuilder, run};

use crate::{
    deployment_server::{OPEN, configure},
    django::Django,
    process::amps,
    scene::names,
};

const PACKAGES: u32 = 12;

#[test]
fn an_import_that_was_killed_is_finished_by_the_next_one() {
    let (django, data) = (Django::with_accounts(), tempfile::tempdir().unwrap());
    let data = data.path();
    configure(data, OPEN);
    for number in 1..=PACKAGES {
        let id = format!("org.example.app{number}");
        let file = django.package(&id, &PackageBuilder::hello().id(&id));
        django.app(number, &id, &file, "2020-01-01 00:00:00");
    }
    for _ in 0..3 {
        let mut command = amps();
        command.arg("import-django").arg(django.database()).arg(django.media()).arg("--dd").arg(data);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().starts_with("added package")));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let (code, stdout, stderr) = django.import(data, &[]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let (_, stdout, _) = django.import(data, &[]);
    assert!(stdout.contains(&format!("packages: 0 added, {PACKAGES} there already, 0 refused")), "{stdout}");
    assert!(stdout.starts_with("users: 0 added, 1 there already"), "{stdout}");
    let catalog = SqliteCatalog::open(&data.join(".amps/catalog.db")).unwrap();
    for release in catalog.releases().unwrap() {
        assert!(catalog.store_entry(release.sequence).unwrap().is_some(), "{}", release.facts.id);
    }
    assert_eq!(catalog.releases().unwrap().len(), PACKAGES as usize);
    assert_eq!(names(&data.join(".packages")).len(), PACKAGES as usize);
    assert!(names(&data.join(".amps/staging")).is_empty());
}

#[test]
fn a_database_whose_writer_was_killed_is_not_touched() {
    let (django, data) = (Django::with_accounts(), tempfile::tempdir().unwrap());
    configure(data.path(), OPEN);
    let script = "import os, sqlite3, sys\n\
        writer = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
        writer.execute('PRAGMA cache_size = 5')\n\
        writer.execute('BEGIN')\n\
        for number in range(3000):\n\
        \x20   writer.execute(\"INSERT INTO store_category VALUES (NULL, ?, ?, '')\", ('x' * 100 + str(number), number + 100))\n\
        os._exit(0)\n";
    let (code, _, stderr) = run(Command::new("python3").args(["-c", script]).arg(django.database()));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let journal = django.database().with_file_name("db.sqlite3-journal");
    let before = (std::fs::read(django.database()).unwrap(), std::fs::read(&journal).unwrap());
    let (code, stdout, stderr) = django.import(data.path(), &[]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("hint: a program was cut off while it wrote"), "{stderr}");
    assert_eq!((std::fs::read(django.database()).unwrap(), std::fs::read(&journal).unwrap()), before);
    django.sql("SELECT count(*) FROM store_category;");
    let (code, stdout, _) = django.import(data.path(), &[]);
    assert_eq!(code, 0);
    assert!(stdout.contains("categories: 1 added, 0 there already, 0 refused"), "{stdout}");
}
