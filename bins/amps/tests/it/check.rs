//! `amps check`: each kind of damage with the right words, and none where there is none.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, SystemTime},
};

use tempfile::TempDir;

use crate::{
    backup::{blobs, stop},
    process::{Server, amps, run},
    scene::package,
};

fn check(data: &Path, options: &[&str]) -> (i32, String) {
    let (code, stdout, stderr) = run(amps().arg("check").args(options).arg("--dd").arg(data));
    assert_eq!(stderr, "");
    (code.unwrap(), stdout)
}

/// A store with the packages `a` and `b`, which have the same icon, and a folder with their files.
fn store() -> (TempDir, TempDir) {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Server::start(data.path());
    for id in ["a", "b"] {
        assert!(server.has_taken(&package(files.path(), id, "1", 5000)));
    }
    stop(server);
    (data, files)
}

/// The file of a package's bytes, or of the icon, by size.
fn blob(data: &Path, file: Option<&Path>) -> PathBuf {
    let of_file = |blob: &PathBuf| match file {
        Some(file) => fs::read(blob).unwrap() == fs::read(file).unwrap(),
        None => fs::metadata(blob).unwrap().len() < 5000,
    };
    blobs(&data.join(".amps")).into_iter().find(of_file).unwrap()
}

/// Gives a file other bytes in place, as a bad disk would: the name, its time and what it looks like stay.
fn damage(file: &Path, change: impl Fn(&mut Vec<u8>)) {
    let metadata = fs::metadata(file).unwrap();
    let mut bytes = fs::read(file).unwrap();
    change(&mut bytes);
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(file, bytes).unwrap();
    fs::File::options().write(true).open(file).unwrap().set_modified(metadata.modified().unwrap()).unwrap();
    fs::set_permissions(file, metadata.permissions()).unwrap();
}

fn sql(data: &Path, statement: &str) {
    let status = Command::new("sqlite3").arg(data.join(".amps/catalog.db")).arg(statement).status();
    assert!(status.expect("the command `sqlite3`").success());
}

fn summary(findings: &str) -> String {
    findings.lines().last().unwrap_or_default().to_owned()
}

#[track_caller]
fn problem(found: &(i32, String), words: &[&str]) {
    let line = found
        .1
        .lines()
        .find(|line| line.starts_with("problem: ") && words.iter().all(|word| line.contains(word)));
    assert!(found.0 == 1 && line.is_some_and(|line| line.contains("; ")), "{words:?}: {}", found.1);
}

#[test]
fn a_store_that_is_whole_has_no_findings() {
    let (data, _files) = store();
    let whole = "releases: 2, packages and icons: 3, problems: 0, warnings: 0\n";
    let before = crate::scene::names(&data.path().join(".amps"));
    assert_eq!(check(data.path(), &[]), (0, whole.into()));
    assert_eq!(check(data.path(), &["--contents"]), (0, whole.into()));
    assert_eq!(crate::scene::names(&data.path().join(".amps")), before);
    let server = Server::start(data.path());
    assert_eq!(check(data.path(), &["--contents"]), (0, whole.into()));
    let (code, json) = check(data.path(), &["--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, json), (0, serde_json::json!({"releases": 2, "blobs": 3, "findings": []})));
    stop(server);
}

#[test]
fn bytes_that_changed_or_went_are_found() {
    let (data, files) = store();
    let (a, icon) = (blob(data.path(), Some(&files.path().join("a 1.ampkg"))), blob(data.path(), None));
    let name = |blob: &Path| blob.file_name().unwrap().to_str().unwrap().to_owned();
    damage(&a, |bytes| bytes[100] ^= 1);
    let found = check(data.path(), &[]);
    problem(
        &found,
        &[
            "a 1 [all]: its package is damaged: the blob ",
            &name(&a),
            "remove the package and upload it again",
        ],
    );
    assert!(summary(&found.1).ends_with("problems: 1, warnings: 0"), "{}", found.1);
    fs::remove_file(&icon).unwrap();
    problem(
        &check(data.path(), &[]),
        &["a 1 [all], b 1 [all]: its icon is missing: there is no blob ", &name(&icon)],
    );
    // It is a link to the blob: the package that a person sees went too.
    fs::remove_file(data.path().join(".packages/a_all.ampkg")).unwrap();
    fs::remove_file(&a).unwrap();
    problem(&check(data.path(), &[]), &["a 1 [all]: its package is missing"]);
    // A shorter one, and one that is something else.
    fs::create_dir(&icon).unwrap();
    problem(&check(data.path(), &[]), &["its icon is missing"]);
    let b = blob(data.path(), Some(&files.path().join("b 1.ampkg")));
    damage(&b, |bytes| bytes.truncate(10));
    let (_, json) = check(data.path(), &["--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let kinds: Vec<&str> =
        json["findings"].as_array().unwrap().iter().map(|found| found["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["blob-missing", "blob-missing", "blob-damaged", "package-file-missing", "package-file-changed"]
    );
    assert_eq!(json["findings"][2]["subject"], "b 1 [all]");
    assert_eq!(json["findings"][2]["level"], "problem");
}

#[test]
fn files_in_packages_that_are_not_as_the_catalog_says_are_found() {
    let (data, files) = store();
    let packages = data.path().join(".packages");
    fs::remove_file(packages.join("a_all.ampkg")).unwrap();
    fs::remove_file(packages.join("b_all.ampkg")).unwrap();
    fs::copy(files.path().join("b 1.ampkg"), packages.join("b_all.ampkg")).unwrap();
    fs::write(packages.join("mine.ampkg"), "x").unwrap();
    fs::write(packages.join("notes.txt"), "x").unwrap();
    let found = check(data.path(), &[]);
    problem(
        &found,
        &[".packages/a_all.ampkg: it was deleted: the next start of the server removes the package"],
    );
    problem(&found, &[".packages/b_all.ampkg: it is not the file that the server has made"]);
    assert!(
        found.1.contains("warning: .packages/mine.ampkg: the catalog does not know this file; "),
        "{}",
        found.1
    );
    assert!(summary(&found.1).ends_with("problems: 2, warnings: 1"), "{}", found.1);
    fs::remove_dir_all(&packages).unwrap();
    problem(&check(data.path(), &[]), &[".packages/b_all.ampkg: it was deleted"]);
    sql(
        data.path(),
        "update releases set link = 'pending', link_device = null, link_inode = null, link_size_bytes = null, link_modified_ns = null",
    );
    let (code, found) = check(data.path(), &[]);
    assert!(
        code == 0 && found.contains("warning: .packages/a_all.ampkg: it is still to be made; "),
        "{found}"
    );
}

#[test]
fn what_the_catalog_says_wrongly_is_found() {
    let (data, _files) = store();
    sql(
        data.path(),
        "update releases set package_size_bytes = 7 where id = 'a'; update releases set version = '3' where id = 'b'",
    );
    let found = check(data.path(), &[]);
    problem(
        &found,
        &["a 1 [all]: the catalog says that its package, the blob ", "has 7 bytes: it has another size"],
    );
    assert!(summary(&found.1).ends_with("problems: 1, warnings: 0"), "{}", found.1);
    problem(
        &check(data.path(), &["--contents"]),
        &["b 3 [all]: the catalog has another version than its package"],
    );
    sql(data.path(), "update releases set version = '1', digest = zeroblob(32) where id = 'b'");
    problem(
        &check(data.path(), &["--contents"]),
        &["b 1 [all]: the catalog has another digest than its package"],
    );
}

#[test]
fn a_recipe_that_does_not_fit_is_found() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = amps_testkit::fixture("pki").join("store.p12");
    let mut command = amps();
    command
        .args(["serve", "--la", "localhost:0", "--sp", "password", "--sc"])
        .arg(store)
        .arg("--dd")
        .arg(data.path());
    let server = Server::with(&mut command);
    for id in ["a", "b"] {
        assert!(server.has_taken(&package(files.path(), id, "1", 90_000)));
    }
    stop(server);
    assert_eq!(check(data.path(), &["--contents"]).0, 0);
    sql(data.path(), "update recipes set keep_bytes = keep_bytes - 1 where sequence = 1");
    let found = check(data.path(), &["--contents"]);
    problem(&found, &["a 1 [all]: its signed downloads are not valid: "]);
    assert!(summary(&found.1).ends_with("problems: 1, warnings: 0"), "{}", found.1);
}

#[test]
fn an_audit_trail_that_was_changed_is_found() {
    let (data, _files) = store();
    sql(
        data.path(),
        "DROP TRIGGER audit_entries_stay_as_they_are; UPDATE audit_entries SET actor = 'eve' WHERE sequence = 2",
    );
    let found = check(data.path(), &[]);
    problem(&found, &["the audit trail: entry 2 was changed", "amps audit export"]);
}

#[test]
fn a_catalog_that_is_damaged_is_found() {
    let (data, _files) = store();
    sql(data.path(), "insert into recipes values (99, 1, x'00', x'00')");
    problem(
        &check(data.path(), &[]),
        &["catalog.db: row 99 of recipes refers to a row of releases that is not there", "restore a backup"],
    );
    let catalog = data.path().join(".amps/catalog.db");
    let bytes = fs::read(&catalog).unwrap();
    for (number, garbage) in [&b"garbage"[..], &[0xff; 9000]].iter().enumerate() {
        fs::write(&catalog, garbage).unwrap();
        let found = check(data.path(), &[]);
        problem(&found, &["catalog.db: ", "stop the server"]);
        assert!(
            summary(&found.1).starts_with("releases: 0, packages and icons: 3, problems: 1"),
            "{number}: {}",
            found.1
        );
    }
    // Every page of tables and indices, one at a time.
    for page in 1..bytes.len() / 4096 {
        let mut damaged = bytes.clone();
        damaged[page * 4096..][..512].fill(0x5a);
        fs::write(&catalog, damaged).unwrap();
        let (code, found) = check(data.path(), &[]);
        assert!(code == 1 && found.contains("problem: catalog.db: "), "page {page}: {found}");
    }
    let (code, _, error) = run(amps().args(["check", "--dd", "/nowhere"]));
    assert!(
        code == Some(2) && error.contains("there is no catalog in the data directory `/nowhere`"),
        "{error}"
    );
}

#[test]
fn garbage_is_no_problem_and_an_upload_that_is_running_is_none() {
    let (data, _files) = store();
    // SHA-256 of nothing.
    let name = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let folder = data.path().join(".amps/blobs/e3");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), "").unwrap();
    let (code, found) = check(data.path(), &[]);
    assert!(code == 0 && found.ends_with("problems: 0, warnings: 0\n"), "{found}");
    let file = fs::File::options().write(true).open(folder.join(name)).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(3700)).unwrap();
    let (code, found) = check(data.path(), &[]);
    assert!(
        code == 0 && found.contains(&format!("warning: blob {name}: no release needs its 0 bytes; ")),
        "{found}"
    );
    fs::write(folder.join(name), "x").unwrap();
    problem(&check(data.path(), &[]), &["its blob is damaged", "the server removes it at its next start"]);
}

#[test]
fn nothing_is_found_beside_a_server_that_is_busy() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Server::start(data.path());
    let versions: Vec<Vec<PathBuf>> = ["a", "b", "c"]
        .iter()
        .map(|id| (0..3).map(|version| package(files.path(), id, &version.to_string(), 100_000)).collect())
        .collect();
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        for versions in &versions {
            let (server, is_done) = (&server, &is_done);
            scope.spawn(move || {
                while !is_done.load(Ordering::Relaxed) {
                    assert!(versions.iter().all(|version| server.has_taken(version)));
                    assert!(server.has_removed(
                        versions[0].file_name().unwrap().to_str().unwrap().split(' ').next().unwrap()
                    ));
                }
            });
        }
        let found: Vec<_> = (0..10).map(|_| check(data.path(), &["--contents"])).collect();
        is_done.store(true, Ordering::Relaxed);
        for (code, found) in found {
            assert!(code == 0 && found.contains("problems: 0, warnings: 0"), "{found}");
        }
    });
    stop(server);
}
