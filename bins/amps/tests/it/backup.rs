//! `amps backup` and `amps restore`: under load, cut off, brought up to date.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use crate::{
    audit::{export, verify},
    process::{Server, amps, run},
    scene::{names, package, wait_until},
};

/// Makes a backup: exit code, standard output, standard error.
pub(crate) fn backup(data: &Path, destination: &Path, options: &[&str]) -> (Option<i32>, String, String) {
    run(amps().arg("backup").arg(destination).args(options).arg("--dd").arg(data))
}

/// Restores one.
pub(crate) fn restore(source: &Path, data: &Path) -> (Option<i32>, String, String) {
    run(amps().arg("restore").arg(source).arg("--dd").arg(data))
}

/// The blobs in a folder.
pub(crate) fn blobs(folder: &Path) -> Vec<PathBuf> {
    let folders = names(&folder.join("blobs")).into_iter().map(|name| folder.join("blobs").join(name));
    folders.flat_map(|folder| names(&folder).into_iter().map(move |name| folder.join(name))).collect()
}

pub(crate) fn stop(server: Server) {
    server.signal("TERM");
    assert_eq!(server.wait().0, Some(0));
}

/// What SQLite itself says of a catalog.
fn integrity(catalog: &Path) -> String {
    let script = "import sqlite3, sys\n\
        catalog = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True)\n\
        print(catalog.execute('pragma integrity_check').fetchall(), catalog.execute('pragma foreign_key_check').fetchall())";
    let (code, stdout, stderr) = run(Command::new("python3").args(["-c", script]).arg(catalog));
    assert_eq!(code, Some(0), "{stderr}");
    stdout
}

/// Asserts that a command ended with 0 and said nothing on standard error; returns what it said.
#[track_caller]
pub(crate) fn done((code, stdout, stderr): (Option<i32>, String, String)) -> String {
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    stdout
}

#[test]
fn a_backup_under_load_is_the_store_of_one_moment() {
    const CLIENTS: usize = 3;
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let fixed = package(files.path(), "fixed", "1", 3 << 20);
    let versions: Vec<Vec<PathBuf>> = (0..CLIENTS)
        .map(|client| {
            let of = |version: usize| {
                package(files.path(), &format!("client{client}"), &version.to_string(), 200_000 + version)
            };
            (0..4).map(of).collect()
        })
        .collect();
    let server = Server::start(data.path());
    assert!(server.has_taken(&fixed));
    assert!(versions.iter().all(|versions| server.has_taken(&versions[0])));
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        for (client, versions) in versions.iter().enumerate() {
            let (server, is_done) = (&server, &is_done);
            scope.spawn(move || {
                // Each version frees the bytes of the one before; the last client's package also goes and comes back.
                for version in versions.iter().cycle() {
                    if is_done.load(Ordering::Relaxed) {
                        return;
                    }
                    assert!(server.has_taken(version));
                    assert!(client + 1 < CLIENTS || server.has_removed(&format!("client{client}")));
                }
            });
        }
        let result = std::panic::catch_unwind(|| {
            for round in 0..8 {
                let destination = files.path().join("backups").join(round.to_string());
                fs::create_dir_all(destination.parent().unwrap()).unwrap();
                done(backup(data.path(), &destination, &[]));
                let updated = files.path().join("backups/updated");
                done(backup(data.path(), &updated, &["--update"]));
            }
        });
        is_done.store(true, Ordering::Relaxed);
        result.unwrap();
    });
    stop(server);
    let backups = files.path().join("backups");
    assert_eq!(names(&backups).len(), 9);
    for name in names(&backups) {
        let source = backups.join(name);
        let statement = fs::read_to_string(source.join("backup.json")).unwrap();
        let statement: serde_json::Value = serde_json::from_str(&statement).unwrap();
        let catalog = source.join(format!("catalog-{}.db", statement["number"]));
        assert_eq!(integrity(&catalog), "[('ok',)] []\n");
        assert_eq!(statement["blobs"], blobs(&source).len());
        let target = tempfile::tempdir().unwrap();
        done(restore(&source, target.path()));
        assert_eq!(integrity(&target.path().join(".amps/catalog.db")), "[('ok',)] []\n");
        let server = Server::start(target.path());
        assert!(!server.banner.contains("warning") && !server.banner.contains("failed"), "{}", server.banner);
        assert_eq!(server.download("fixed"), fs::read(&fixed).unwrap());
        let packages = names(&target.path().join(".packages"));
        for (client, versions) in versions.iter().enumerate() {
            let id = format!("client{client}");
            let bytes = server.download(&id);
            let is_version = versions.iter().any(|version| fs::read(version).unwrap() == bytes);
            // The last client's package may have been away.
            assert!(is_version || client + 1 == CLIENTS && bytes.is_empty(), "{id}: {} bytes", bytes.len());
            assert_eq!(packages.contains(&format!("{id}_all.ampkg")), is_version);
        }
        stop(server);
    }
}

#[test]
fn what_is_restored_is_what_was_there() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config = "formatType: amps-configuration\nformatVersion: 1\n---\nprojectId: CAR\n\
        developerVerificationCaCertificates: [ca.crt, /nowhere/ca.crt]\n";
    fs::write(data.path().join("amps-config.yaml"), config).unwrap();
    fs::copy(amps_testkit::fixture("pki/ca.crt"), data.path().join("ca.crt")).unwrap();
    run(amps().args(["create-category", "--name", "Games", "--dd"]).arg(data.path()));
    let package = crate::process::fixture("qt6/hello.ampkg");
    fs::write(
        data.path().join("amps-config.yaml"),
        "formatType: amps-configuration\nformatVersion: 1\n---\n{}\n",
    )
    .unwrap();
    let server = Server::start(data.path());
    assert!(server.has_taken(&package));
    let list = server.curl(&[], "/package/list");
    let icon = server.curl(&[], "/package/icon?id=org.example.hello&architecture=all");
    stop(server);
    fs::write(data.path().join("amps-config.yaml"), config).unwrap();
    let before = names(&data.path().join(".amps"));
    let destination = files.path().join("b");
    let said = done(backup(data.path(), &destination, &[]));
    assert_eq!(names(&data.path().join(".amps")), before, "a backup leaves nothing in the data directory");
    let ca = data.path().canonicalize().unwrap().join("ca.crt");
    assert!(said.contains("packages and icons: 2 ("), "{said}");
    assert!(
        said.ends_with(&format!(
            "not in it: {} (developerVerificationCaCertificates)\nnot in it: /nowhere/ca.crt (developerVerificationCaCertificates)\n",
            ca.display()
        )),
        "{said}"
    );
    assert_eq!(names(&destination), ["amps-config-1.yaml", "backup.json", "blobs", "catalog-1.db"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&destination), 0o700);
    for file in ["amps-config-1.yaml", "backup.json", "catalog-1.db"] {
        assert_eq!(mode(&destination.join(file)), 0o600, "{file}");
    }

    let (_, head) = export(data.path(), &[]);
    let target = files.path().join("deep/er");
    let said = done(restore(&destination, &target));
    // The trail goes on where that of the backup ends.
    let (code, verified) = verify(&target, &["--expect-head", &head]);
    assert_eq!(code, Some(0), "{verified}");
    let newest = export(&target, &[]).0.pop().unwrap();
    assert_eq!((&newest["action"], &newest["actorKind"]), (&"store.restore".into(), &"system".into()));
    assert!(
        said.contains(
            "/nowhere/ca.crt (developerVerificationCaCertificates): put it there before the start\n"
        ),
        "{said}"
    );
    assert_eq!(fs::read_to_string(target.join("amps-config.yaml")).unwrap(), config);
    for file in ["amps-config.yaml", ".amps/catalog.db"] {
        assert_eq!(mode(&target.join(file)), 0o600, "{file}");
    }
    fs::remove_file(target.join("amps-config.yaml")).unwrap();
    assert_eq!(run(amps().args(["list-categories", "--dd"]).arg(&target)).1, "1\t0\tGames\t-\n");
    let server = Server::start(&target);
    assert!(server.banner.contains("\n + adding   org.example.hello [all]\n"), "{}", server.banner);
    assert_eq!(server.curl(&[], "/package/list"), list);
    assert_eq!(server.curl(&[], "/package/icon?id=org.example.hello&architecture=all"), icon);
    assert_eq!(server.download("org.example.hello"), fs::read(&package).unwrap());
    assert!(server.upload(&package).contains("no changes"));
    stop(server);
}

#[test]
fn an_update_copies_what_is_new_and_removes_what_is_gone() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let destination = files.path().join("b");
    let update = |options: &[&str]| {
        let said = done(backup(data.path(), &destination, &[&["--update"], options].concat()));
        said.lines().find(|line| line.starts_with("added")).unwrap().to_owned()
    };
    let server = Server::start(data.path());
    let [a, a2, b] =
        [("a", "1"), ("a", "2"), ("b", "1")].map(|(id, version)| package(files.path(), id, version, 5000));
    assert!(server.has_taken(&a) && server.has_taken(&b));
    // Each package has the same icon.
    assert_eq!(update(&[]), "added: 3, removed: 0");
    let times = |folder: &Path| -> BTreeMap<PathBuf, u64> {
        blobs(folder).into_iter().map(|blob| (blob.clone(), fs::metadata(&blob).unwrap().ino())).collect()
    };
    let before = times(&destination);
    assert_eq!(update(&[]), "added: 0, removed: 0");
    assert_eq!(times(&destination), before);
    assert!(server.has_taken(&a2));
    assert_eq!(update(&[]), "added: 1, removed: 1");
    assert_eq!(names(&destination), ["backup.json", "blobs", "catalog-3.db"]);

    // One that has the right size and not the right bytes is found if it is asked for.
    let blob = &blobs(&destination)[0];
    fs::set_permissions(blob, fs::Permissions::from_mode(0o644)).unwrap();
    let bytes = fs::read(blob).unwrap();
    fs::write(blob, vec![0; bytes.len()]).unwrap();
    assert_eq!(update(&[]), "added: 0, removed: 0");
    assert_eq!(update(&["--verify"]), "added: 1, removed: 0");
    assert_eq!(fs::read(blob).unwrap(), bytes);
    stop(server);
    done(restore(&destination, &files.path().join("target")));
}

#[test]
fn a_store_without_a_package_is_a_store() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    done(run(amps().args(["create-category", "--name", "Games", "--dd"]).arg(data.path())));
    let (destination, target) = (files.path().join("b"), files.path().join("target"));
    assert!(done(backup(data.path(), &destination, &[])).contains("packages and icons: 0 (0 bytes)"));
    done(restore(&destination, &target));
    for data in [data.path(), &target] {
        let whole = "releases: 0, packages and icons: 0, problems: 0, warnings: 0\n";
        assert_eq!(done(run(amps().args(["check", "--dd"]).arg(data))), whole);
        assert_eq!(done(run(amps().args(["list-categories", "--dd"]).arg(data))), "1\t0\tGames\t-\n");
    }
}

#[test]
fn links_are_made_only_if_they_are_asked_for() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir_in(std::env::temp_dir()).unwrap());
    let server = Server::start(data.path());
    assert!(server.has_taken(&package(files.path(), "a", "1", 5000)));
    stop(server);
    let inode = |folder: &Path| fs::metadata(&blobs(folder)[0]).unwrap().ino();
    let (copied, linked) = (files.path().join("copied"), files.path().join("linked"));
    done(backup(data.path(), &copied, &[]));
    done(backup(data.path(), &linked, &["--link"]));
    assert_ne!(inode(&copied), inode(&data.path().join(".amps")));
    assert_eq!(inode(&linked), inode(&data.path().join(".amps")));
    done(restore(&linked, &files.path().join("target")));
}

#[test]
fn one_that_is_killed_leaves_nothing_under_its_name_and_is_gone_on_with() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Server::start(data.path());
    for number in 0..20 {
        assert!(server.has_taken(&package(files.path(), &format!("p{number}"), "1", 2 << 20)));
    }
    let destination = files.path().join("b");
    let unfinished = files.path().join("b.unfinished");
    let killed = |command: &mut Command, folder: &Path| {
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        wait_until("some of it is done", || blobs(folder).len() >= 3);
        child.kill().unwrap();
        child.wait().unwrap();
        let count = blobs(folder).len();
        assert!(count < 21, "it was faster than this test");
        count
    };
    let count = killed(amps().arg("backup").arg(&destination).arg("--dd").arg(data.path()), &unfinished);
    assert!(!destination.exists());
    assert_eq!(fs::metadata(&unfinished).unwrap().permissions().mode() & 0o777, 0o700);
    let (code, _, error) = restore(&unfinished, &files.path().join("x"));
    assert!(
        code == Some(1) && error.contains("backup.json` cannot be used: there is no such file"),
        "{error}"
    );
    let said = done(backup(data.path(), &destination, &[]));
    // All have the same icon.
    assert!(said.contains(&format!("added: {}, removed: 0", 21 - count)), "{count}: {said}");
    assert!(!unfinished.exists());

    // An update that is killed leaves the backup that was there.
    let old = names(&destination);
    for number in 20..40 {
        assert!(server.has_taken(&package(files.path(), &format!("p{number}"), "1", 2 << 20)));
    }
    let mut update = amps();
    let update = update.arg("backup").arg(&destination).arg("--update").arg("--dd").arg(data.path());
    let mut child = update.stdout(Stdio::null()).spawn().unwrap();
    wait_until("some of it is done", || blobs(&destination).len() >= 24);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(old.iter().all(|name| destination.join(name).exists()));
    let said = done(restore(&destination, &files.path().join("old")));
    assert!(said.contains("packages and icons: 21 ("), "{said}");
    let said = done(backup(data.path(), &destination, &["--update"]));
    assert!(said.contains("packages and icons: 41 ("), "{said}");
    assert_eq!(names(&destination), ["backup.json", "blobs", "catalog-2.db"]);
    stop(server);

    let target = files.path().join("target");
    killed(amps().arg("restore").arg(&destination).arg("--dd").arg(&target), &target.join(".amps"));
    let (code, _, error) = run(amps().args(["serve", "--la", "localhost:0", "--dd"]).arg(&target));
    assert!(code == Some(2) && error.contains("is half of a backup: run `amps restore` again"), "{error}");
    done(restore(&destination, &target));
    assert_eq!(names(&target.join(".amps")), ["blobs", "catalog.db", "staging"]);
    let server = Server::start(&target);
    for number in 0..40 {
        let file = files.path().join(format!("p{number} 1.ampkg"));
        assert!(server.download(&format!("p{number}")) == fs::read(file).unwrap());
    }
    stop(server);
}
