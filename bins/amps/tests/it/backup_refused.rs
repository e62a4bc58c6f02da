//! What `amps backup` and `amps restore` refuse.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{
    backup::{backup, blobs, done, restore, stop},
    process::Server,
    scene::{names, package},
};

/// A store with two packages, and a folder for other things.
fn store() -> (TempDir, TempDir) {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Server::start(data.path());
    for id in ["a", "b"] {
        assert!(server.has_taken(&package(files.path(), id, "1", 5000)));
    }
    stop(server);
    (data, files)
}

#[track_caller]
fn refused((code, stdout, stderr): (Option<i32>, String, String), message: &str) {
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
    assert!(stderr.contains(message), "{stderr}");
}

fn overwrite(file: &Path, bytes: &[u8]) {
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(file, bytes).unwrap();
}

#[test]
fn a_destination_that_is_something_else_stays_as_it_is() {
    let (data, files) = store();
    let destination = files.path().join("b");
    fs::write(&destination, "mine").unwrap();
    refused(backup(data.path(), &destination, &[]), "is there already: expected a new name");
    fs::remove_file(&destination).unwrap();
    fs::create_dir(&destination).unwrap();
    refused(backup(data.path(), &destination, &[]), "is there already");
    fs::write(destination.join("file"), "mine").unwrap();
    refused(
        backup(data.path(), &destination, &["--update"]),
        "backup.json` cannot be used: there is no such file",
    );
    assert!(destination.join("file").exists());
    // Somebody has made the folder first in which the secrets would lie.
    let unfinished = files.path().join("c.unfinished");
    fs::create_dir(&unfinished).unwrap();
    fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o777)).unwrap();
    refused(backup(data.path(), &files.path().join("c"), &[]), "expected one with mode 0700, or none");
    fs::remove_dir(&unfinished).unwrap();
    symlink(data.path(), &unfinished).unwrap();
    refused(backup(data.path(), &files.path().join("c/"), &[]), "expected one with mode 0700, or none");
}

#[test]
fn one_backup_is_written_by_one_process_at_a_time() {
    let (data, files) = store();
    let unfinished = files.path().join("b.unfinished");
    fs::create_dir(&unfinished).unwrap();
    fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(unfinished.join(".lock"), "1234\n").unwrap();
    let held = fs::File::open(unfinished.join(".lock")).unwrap();
    held.lock().unwrap();
    let (code, _, error) = backup(data.path(), &files.path().join("b"), &[]);
    assert!(code == Some(2) && error.contains("is being written by the process with id 1234"), "{error}");
    drop(held);
    done(backup(data.path(), &files.path().join("b"), &[]));
}

#[test]
fn a_backup_is_not_replaced_by_that_of_another_or_an_older_store() {
    let (data, files) = store();
    let (other, _files) = store();
    let destination = files.path().join("b");
    done(backup(data.path(), &destination, &["--update"]));
    refused(backup(other.path(), &destination, &["--update"]), "is a backup of `");
    // The store is lost, and an empty one takes its place.
    fs::remove_dir_all(data.path().join(".amps")).unwrap();
    fs::remove_dir_all(data.path().join(".packages")).unwrap();
    stop(Server::start(data.path()));
    refused(backup(data.path(), &destination, &["--update"]), "it is older than its backup");
    done(restore(&destination, &files.path().join("target")));
}

#[test]
fn a_store_that_is_damaged_is_not_copied_in_silence() {
    let (data, files) = store();
    let blob = blobs(&data.path().join(".amps")).remove(0);
    let name = blob.file_name().unwrap().to_str().unwrap().to_owned();
    let bytes = fs::read(&blob).unwrap();
    overwrite(&blob, &vec![1; bytes.len()]);
    let destination = files.path().join("b");
    refused(backup(data.path(), &destination, &[]), &format!("the blob {name} is damaged"));
    fs::remove_file(&blob).unwrap();
    refused(backup(data.path(), &destination, &[]), &format!("the blob {name} is missing"));
    assert!(!destination.exists());
    fs::write(&blob, bytes).unwrap();
    let catalog = data.path().join(".amps/catalog.db");
    let mut pages = fs::read(&catalog).unwrap();
    let middle = pages.len() / 2;
    pages[middle..middle + 4096].fill(0x5a);
    fs::write(&catalog, pages).unwrap();
    refused(backup(data.path(), &destination, &[]), "is damaged: ");
    assert!(!destination.exists());
    // Not something else that a store is made of.
    let nowhere = files.path().join("nowhere");
    let (code, _, error) = backup(&nowhere, &destination, &[]);
    assert!(code == Some(2) && error.contains("there is no catalog in the data directory"), "{error}");
    assert!(!nowhere.exists());
}

#[test]
fn only_an_empty_directory_is_restored_into() {
    let (data, files) = store();
    let destination = files.path().join("b");
    done(backup(data.path(), &destination, &[]));
    refused(restore(&destination, data.path()), "is not empty: there is");
    let target = files.path().join("target");
    fs::write(&target, "").unwrap();
    refused(restore(&destination, &target), "is not empty");
    fs::remove_file(&target).unwrap();
    fs::create_dir_all(target.join(".amps/blobs")).unwrap();
    refused(restore(&destination, &target), ".amps/blobs`");
    fs::remove_dir_all(&target).unwrap();
    let server = Server::start(&target);
    let (code, _, error) = restore(&destination, &target);
    assert!(code == Some(1) && error.contains("is not empty"), "{error}");
    stop(server);
}

/// Makes a backup, changes it, and restores it.
fn changed(change: impl Fn(&Path)) -> (Option<i32>, String, String) {
    let (data, files) = store();
    let destination = files.path().join("b");
    done(backup(data.path(), &destination, &[]));
    change(&destination);
    let target = files.path().join("target");
    let result = restore(&destination, &target);
    assert!(!target.join(".amps/catalog.db").exists());
    assert_eq!(names(&target.join(".packages")), <[&str; 0]>::default());
    result
}

#[test]
fn a_backup_that_is_damaged_is_refused_with_the_name_of_the_file() {
    refused(
        changed(|backup| {
            let file = backup.join("catalog-1.db");
            let mut bytes = fs::read(&file).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            fs::write(file, bytes).unwrap();
        }),
        "catalog-1.db` cannot be used: its SHA-256 is ",
    );
    refused(
        changed(|backup| {
            let file = backup.join("catalog-1.db");
            let bytes = fs::read(&file).unwrap();
            fs::write(file, &bytes[1..]).unwrap();
        }),
        "catalog-1.db` cannot be used: its size in bytes is ",
    );
    refused(
        changed(|backup| fs::remove_file(backup.join("catalog-1.db")).unwrap()),
        "catalog-1.db` cannot be used: there is no such file",
    );
    for bytes in [&b""[..], b"x"] {
        let damaged = changed(|backup| overwrite(&blobs(backup)[0], bytes));
        refused(damaged, "is damaged: its SHA-256 is ");
    }
    refused(
        changed(|backup| fs::remove_file(&blobs(backup)[0]).unwrap()),
        "is missing, and a release needs it",
    );
}

#[test]
fn nothing_in_a_backup_leads_out_of_it() {
    let statement = |change: &dyn Fn(String) -> String| {
        changed(|backup| {
            let file = backup.join("backup.json");
            let text = change(fs::read_to_string(&file).unwrap());
            fs::write(file, text).unwrap();
        })
    };
    refused(
        statement(&|text| text.replace("\"formatVersion\": 1", "\"formatVersion\": 2")),
        "has format version 2",
    );
    refused(
        statement(&|text| text.replace("\"formatVersion\": 1", "\"formatVersion\": 0")),
        "found format version 0: expected 1",
    );
    refused(
        statement(&|text| text.replace("amps-backup", "\\u001b[2J")),
        "found type `\\u{1b}[2J`: expected `amps-backup`",
    );
    refused(
        statement(&|text| text.replace("\"number\": 1", "\"number\": \"../../1\"")),
        "invalid type: string",
    );
    refused(
        statement(&|text| text.replace("\"number\": 1", "\"number\": 7")),
        "catalog-7.db` cannot be used: there is no such file",
    );
    refused(
        statement(&|text| text.replace("\"number\"", "\"file\": \"/etc/passwd\", \"number\"")),
        "unknown field",
    );
    refused(statement(&|text| text.replace("\"blobs\": 3", "\"blobs\": 4")), "refers to 3 blobs: expected 4");
    refused(statement(&|text| format!("{text}{}", " ".repeat(70_000))), "it has more than 65536 bytes");
    refused(statement(&|_| "[".repeat(60_000)), "cannot be used");
    for name in ["catalog-1.db", "backup.json"] {
        refused(
            changed(|backup| {
                let (file, away) = (backup.join(name), backup.join("away"));
                fs::rename(&file, &away).unwrap();
                symlink(&away, &file).unwrap();
            }),
            "cannot be used: it is not a regular file",
        );
    }
    let (code, _, error) = restore(Path::new("/nowhere"), &PathBuf::from("/nowhere/else"));
    assert!(
        code == Some(1) && error.contains("/nowhere/backup.json` cannot be used: there is no such file"),
        "{error}"
    );
}
