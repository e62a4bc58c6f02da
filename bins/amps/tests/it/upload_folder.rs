//! The folder `upload`.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::{ffi::OsStrExt as _, fs::symlink},
    process::Command,
};

use crate::{
    process::fixture,
    scene::{names, package, wait_until},
    watched::{Watched, with_folder},
};

const HELLO: &str = " + adding   org.example.hello [all]\n";

#[test]
fn files_that_are_there_at_the_start_are_taken_in() {
    let (data, upload) = with_folder("upload");
    fs::copy(fixture("qt6/hello.ampkg"), upload.join("whatever")).unwrap();
    fs::copy(fixture("bad/tampered-file.ampkg"), upload.join("bad.ampkg")).unwrap();
    let server = Watched::start(data.path());
    assert!(!server.text().contains("Scanning upload\n> HTTP"), "{}", server.text());
    wait_until("all are dealt with", || names(&upload).is_empty());
    server.wait_for(" x failed   bad.ampkg (package digest mismatch: it is ");
    let news = server.news();
    assert!(news.starts_with(&format!("> Scanning upload\n{HELLO}")), "{news}");
    assert_eq!(names(&data.path().join(".packages")), ["org.example.hello_all.ampkg"]);
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn files_that_are_copied_and_moved_there_are_taken_in() {
    let data = tempfile::tempdir().unwrap();
    let server = Watched::start(data.path());
    let upload = data.path().join("upload");
    wait_until("the folders are there", || names(data.path()).contains(&"upload".to_owned()));
    for (count, program) in [(1, "cp"), (2, "mv"), (3, "ln")] {
        let file = package(data.path(), &format!("by-{program}"), "1", 100_000);
        assert!(Command::new(program).arg(&file).arg(&upload).status().unwrap().success());
        server.wait_for(&format!(" + adding   by-{program} [all]\n"));
        wait_until("it is gone", || names(&upload).is_empty());
        assert_eq!(names(&data.path().join(".packages")).len(), count);
    }
    let old = package(data.path(), "a", "1", 10);
    let new = package(data.path(), "a", "2", 10);
    for (file, line) in [
        (&old, " + adding   a [all]\n"),
        (&new, " ! updating a [all]\n"),
        (&new, " = skipping a [all] (no changes)\n"),
    ] {
        fs::copy(file, upload.join("x")).unwrap();
        server.wait_for(&format!("> Scanning upload\n{line}"));
        wait_until("it is gone", || names(&upload).is_empty());
    }
}

#[test]
fn half_a_file_is_not_a_broken_one() {
    let data = tempfile::tempdir().unwrap();
    let server = Watched::start(data.path());
    let upload = data.path().join("upload");
    wait_until("the folders are there", || upload.exists());
    let whole = fs::read(fixture("qt6/hello.ampkg")).unwrap();
    let (first, second) = whole.split_at(3000);
    // One writer keeps it open, another one closes it and comes back.
    let mut open = File::create(upload.join("open")).unwrap();
    open.write_all(first).unwrap();
    fs::write(upload.join("closed"), first).unwrap();
    // Meanwhile others are taken in, and refused.
    fs::copy(fixture("qt6/tree.ampkg"), upload.join("tree")).unwrap();
    fs::copy(fixture("bad/footer-digest.ampkg"), upload.join("bad")).unwrap();
    server.wait_for(" + adding   org.example.tree [all]\n");
    server.wait_for(" x failed   bad (");
    wait_until("the others are gone", || names(&upload) == ["closed", "open"]);
    OpenOptions::new().append(true).open(upload.join("closed")).unwrap().write_all(second).unwrap();
    server.wait_for(HELLO);
    open.write_all(second).unwrap();
    drop(open);
    server.wait_for(" = skipping org.example.hello [all] (no changes)\n");
    wait_until("both are gone", || names(&upload).is_empty());
    assert_eq!(server.text().matches(" x failed ").count(), 1, "{}", server.text());
}

#[test]
fn what_copying_programs_call_their_unfinished_files_is_left_alone() {
    let (data, upload) = with_folder("upload");
    let unfinished = [".hello.ampkg.Xy12Z3", "hello.ampkg.part", "hello.ampkg~"];
    for name in unfinished {
        fs::copy(fixture("bad/tampered-file.ampkg"), upload.join(name)).unwrap();
    }
    let server = Watched::start(data.path());
    fs::copy(fixture("bad/footer-digest.ampkg"), upload.join("last")).unwrap();
    server.wait_for(" x failed   last (");
    wait_until("it is gone", || names(&upload) == unfinished);
    fs::copy(fixture("qt6/hello.ampkg"), upload.join(unfinished[0])).unwrap();
    fs::rename(upload.join(unfinished[0]), upload.join("hello.ampkg")).unwrap();
    server.wait_for(HELLO);
    wait_until("it is gone", || names(&upload) == unfinished[1..]);
    assert_eq!(server.text().matches(" x failed ").count(), 1, "{}", server.text());
}

#[test]
fn what_is_no_file_is_named_once_and_left_alone() {
    let (data, upload) = with_folder("upload");
    let outside = data.path().join("outside.ampkg");
    fs::copy(fixture("qt6/hello.ampkg"), &outside).unwrap();
    symlink(&outside, upload.join("link")).unwrap();
    symlink("/dev/zero", upload.join("endless")).unwrap();
    fs::create_dir(upload.join("folder")).unwrap();
    assert!(Command::new("mkfifo").arg(upload.join("fifo")).status().unwrap().success());
    let server = Watched::start(data.path());
    for line in [
        "link (it is a symbolic link",
        "endless (it is a symbolic link",
        "folder (it is a folder",
        "fifo (it is a FIFO",
    ] {
        server.wait_for(&format!(" x failed   {line}: expected a file)\n"));
    }
    // Some scans later nothing has changed.
    fs::copy(fixture("bad/footer-digest.ampkg"), upload.join("last")).unwrap();
    server.wait_for(" x failed   last (");
    assert_eq!(server.text().matches("expected a file").count(), 4, "{}", server.text());
    wait_until("it is gone", || names(&upload) == ["endless", "fifo", "folder", "link"]);
    assert!(outside.exists());
    assert_eq!(server.end().0, Some(0));
}

#[test]
fn hostile_names_are_escaped() {
    let (data, upload) = with_folder("upload");
    let name = OsStr::from_bytes(b"\x1b[2J\n + adding   evil [all]\xff");
    fs::copy(fixture("bad/tampered-file.ampkg"), upload.join(name)).unwrap();
    let server = Watched::start(data.path());
    server.wait_for("\n x failed   \\u{1b}[2J\\n + adding   evil [all]\u{fffd} (package digest mismatch");
    wait_until("it is gone", || fs::read_dir(&upload).unwrap().next().is_none());
}

#[test]
fn a_failure_of_the_store_costs_nobody_a_file() {
    let (data, upload) = with_folder("upload");
    let server = Watched::start(data.path());
    let staging = data.path().join(".amps/staging");
    fs::remove_dir(&staging).unwrap();
    fs::write(&staging, "").unwrap();
    fs::copy(fixture("qt6/hello.ampkg"), upload.join("hello")).unwrap();
    server.wait_for(" x failed   hello (");
    assert_eq!(names(&upload), ["hello"]);
    assert_eq!(server.end().0, Some(0));
    // The next start finds it.
    fs::remove_file(&staging).unwrap();
    let server = Watched::start(data.path());
    server.wait_for(HELLO);
    wait_until("it is gone", || names(&upload).is_empty());
}

#[test]
fn a_folder_that_was_replaced_is_still_looked_after() {
    let (data, upload) = with_folder("upload");
    let server = Watched::start(data.path());
    for (count, name) in [(1, "first"), (2, "second")] {
        fs::remove_dir(&upload).unwrap();
        wait_until("it is made again", || upload.exists());
        fs::copy(package(data.path(), name, "1", 10), upload.join("x")).unwrap();
        server.wait_for(&format!(" + adding   {name} [all]\n"));
        wait_until("it is gone", || names(&upload).is_empty());
        assert_eq!(names(&data.path().join(".packages")).len(), count);
    }
}

#[test]
fn a_kill_at_any_moment_loses_no_file() {
    const FILES: usize = 40;
    let (data, upload) = with_folder("upload");
    let files = tempfile::tempdir().unwrap();
    for number in 0..FILES {
        let file = package(files.path(), &format!("p{number:02}"), "1", 20_000);
        fs::copy(file, upload.join(format!("{number}.ampkg"))).unwrap();
    }
    for left in [35, 25, 24, 12, 4] {
        let server = Watched::start(data.path());
        wait_until("some of them are taken in", || names(&upload).len() <= left);
        server.kill();
        // What is not in the store yet is still there.
        let kept = names(&data.path().join(".packages")).len();
        assert!(names(&upload).len() + kept >= FILES, "{kept}");
    }
    let server = Watched::start(data.path());
    wait_until("all are taken in", || names(&upload).is_empty());
    let expected: Vec<_> = (0..FILES).map(|number| format!("p{number:02}_all.ampkg")).collect();
    assert_eq!(names(&data.path().join(".packages")), expected);
    assert!(!server.text().contains(" x failed "), "{}", server.text());
    assert_eq!(names(&data.path().join(".amps/staging")), <[&str; 0]>::default());
}
