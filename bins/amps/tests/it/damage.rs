//! Files that vanish, change or are damaged: at the start, and while the server runs.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use crate::{
    process::Server,
    scene::{names, package},
};

/// Changes some bytes in the middle of a file, which keeps its size.
fn damage(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 100].fill(0x5a);
    let permissions = fs::metadata(file).unwrap().permissions();
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(file, bytes).unwrap();
    fs::set_permissions(file, permissions).unwrap();
}

fn stop(server: Server) -> String {
    server.signal("TERM");
    let (code, _, stderr) = server.wait();
    assert_eq!(code, Some(0));
    stderr
}

#[test]
fn a_damaged_catalog_is_set_aside_and_nothing_is_lost() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let packages = ["a", "b"].map(|id| package(files.path(), id, "1", 10_000));
    let server = Server::start(data.path());
    assert!(packages.iter().all(|file| server.has_taken(file)));
    // Not killed: the log that this would leave has every page of so small a catalog.
    stop(server);
    let catalog = data.path().join(".amps/catalog.db");
    for (number, garbage) in [(1, &b"garbage"[..]), (2, &[0xff; 9000])] {
        fs::write(&catalog, garbage).unwrap();
        let server = Server::start(data.path());
        let aside = data.path().canonicalize().unwrap().join(format!(".amps/catalog.db.damaged-{number}"));
        assert_eq!(fs::read(&aside).unwrap(), garbage);
        let warning = server.banner.lines().find(|line| line.contains("catalog.db")).unwrap();
        assert!(warning.contains(&format!("it lies in `{}` now", aside.display())), "{warning}");
        assert!(
            warning.starts_with(" ~ warning  catalog.db (the catalog cannot open its database: "),
            "{warning}"
        );
        assert!(server.banner.contains(" + adding   a [all]\n + adding   b [all]\n"), "{}", server.banner);
        for (id, file) in ["a", "b"].iter().zip(&packages) {
            assert!(server.download(id) == fs::read(file).unwrap());
        }
        stop(server);
    }
    let server = Server::start(data.path());
    assert!(!server.banner.contains("warning"), "{}", server.banner);
}

#[test]
fn a_catalog_that_is_damaged_while_the_server_runs_does_not_stop_it() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let [old, new] = ["1", "2"].map(|version| package(files.path(), "a", version, 10_000));
    let server = Server::start(data.path());
    assert!(server.has_taken(&old));
    let list = server.curl(&[], "/package/list");
    for name in ["catalog.db", "catalog.db-wal"] {
        fs::write(data.path().join(".amps").join(name), vec![0xa5; 50_000]).unwrap();
    }
    // Whether it notices or not, it goes on with what it knows.
    let updated = server.has_taken(&new);
    let expected = if updated { &new } else { &old };
    assert!(server.download("a") == fs::read(expected).unwrap());
    assert!(updated || server.curl(&[], "/package/list") == list);
    drop(server);
    let server = Server::start(data.path());
    assert!(server.download("a") == fs::read(expected).unwrap());
    assert!(server.has_taken(&new));
}

#[test]
fn bytes_that_vanish_are_an_error_and_come_back_with_the_next_start() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = package(files.path(), "a", "1", 10_000);
    let server = Server::start(data.path());
    assert!(server.has_taken(&file));
    fs::remove_dir_all(data.path().join(".amps/blobs")).unwrap();
    let answer = server.curl(&["--write-out", "%{http_code}"], "/package/download?id=a");
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.contains(r#""error":"internal""#) && answer.ends_with("500"), "{answer}");
    assert!(stop(server).contains("there is no blob"));
    let server = Server::start(data.path());
    assert!(server.download("a") == fs::read(&file).unwrap());
    // The other way round: the name that a person sees.
    fs::remove_file(data.path().join(".packages/a_all.ampkg")).unwrap();
    assert!(server.download("a") == fs::read(&file).unwrap());
    assert!(server.upload(&file).contains("no changes"));
    assert_eq!(names(&data.path().join(".packages")), ["a_all.ampkg"]);
}

#[test]
fn a_file_that_was_changed_in_place_is_not_taken_for_the_package() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = package(files.path(), "a", "1", 10_000);
    let server = Server::start(data.path());
    assert!(server.has_taken(&file));
    drop(server);
    damage(&data.path().join(".packages/a_all.ampkg"));
    let server = Server::start(data.path());
    assert!(server.banner.contains(" x failed   a_all.ampkg ("), "{}", server.banner);
    assert!(server.download("a").is_empty());
    assert!(server.has_taken(&file));
    assert!(server.download("a") == fs::read(&file).unwrap());
}
