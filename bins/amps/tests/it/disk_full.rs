//! No room left, or no right to write.

use std::{fs, path::Path, process::Command};

use crate::{
    disk::Disk,
    process::{Server, amps, run},
    scene::package,
};

const FULL: &str =
    r#"{"status":"fail","message":"the server has no room for the package: its disk is full"}"#;

/// Uploads of all that may be missing between nothing and enough: somewhere staging fails, somewhere the commit, somewhere the
/// catalog, somewhere its log.
#[test]
fn a_full_disk_costs_nothing_that_was_there() {
    let files = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::new(4096) else { return limited_files(files.path()) };
    let kept = package(files.path(), "kept", "1", 20_000);
    let mut there = package(files.path(), "a", "0", 20_000);
    let mut server = Server::with(&mut disk.serve());
    assert!(server.has_taken(&kept) && server.has_taken(&there));
    let mut refused = 0;
    for free_kib in (0..=160).step_by(8) {
        disk.leave(free_kib);
        let next = package(files.path(), "a", &(free_kib + 1).to_string(), 20_000);
        let answer = server.upload(&next);
        if answer.contains(r#""status":"ok""#) {
            there = next;
        } else {
            assert_eq!(answer, FULL, "{free_kib} KiB were free");
            refused += 1;
        }
        let check = |server: &Server, when: &str| {
            let what = format!("{when}, {free_kib} KiB were free");
            assert!(server.download("a") == fs::read(&there).unwrap(), "{what}");
            assert!(server.download("kept") == fs::read(&kept).unwrap(), "{what}");
            assert_eq!(disk.shell("ls data/.amps/staging"), "", "{what}");
        };
        check(&server, "after the upload");
        server.signal("KILL");
        drop(server);
        // It starts although there is no room: whoever only downloads need not know.
        server = Server::with(&mut disk.serve());
        check(&server, "after a start on a full disk");
        disk.make_room();
        let another = package(files.path(), "b", &free_kib.to_string(), 20_000);
        assert!(server.has_taken(&another), "{free_kib}");
        check(&server, "with room again");
    }
    assert!(refused > 3, "the disk was never full");
    server.signal("TERM");
    assert_eq!(server.wait().0, Some(0));
}

#[test]
fn uploads_leave_the_room_that_is_needed_to_stop_them() {
    let files = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::new(24 * 1024) else { return limited_files(files.path()) };
    let server = Server::with(&mut disk.serve());
    let amps = |words: &[&str]| {
        let program = amps().get_program().to_str().unwrap().to_owned();
        let data = disk.data();
        let words = [&[program.as_str()], words, &["--dd", data.to_str().unwrap()]].concat();
        disk.inside(words).status.code()
    };
    assert_eq!(amps(&["token", "create", "--role", "upload", "--name", "ci"]), Some(0));
    // Nothing fits any more, however small.
    for bytes in [2_000_000, 200_000, 20_000, 1000] {
        let mut version = 0;
        loop {
            version += 1;
            let id = format!("a{bytes}.v{version}");
            let answer = server.upload(&package(files.path(), &id, "1", bytes));
            if answer == FULL {
                break;
            }
            assert!(answer.contains(r#""status":"ok""#), "{answer}");
        }
    }
    assert_eq!(amps(&["token", "revoke", "--name", "ci"]), Some(0));
    let removed = server.curl(&["-d", "id=a2000000.v1"], "/package/remove");
    assert_eq!(String::from_utf8(removed).unwrap(), r#"{"status":"ok","removed":1}"#);
    assert!(server.has_taken(&package(files.path(), "b", "1", 1_000_000)));
}

/// Where nothing can be mounted: files may have 256 KiB at most. What is larger cannot be staged; everything else works.
fn limited_files(files: &Path) {
    let data = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 512; exec \"$0\" serve --la localhost:0 --dd \"$1\""]);
    let server = Server::with(command.arg(amps().get_program()).arg(data.path()).env("NO_COLOR", "1"));
    let (small, large) = (package(files, "a", "1", 20_000), package(files, "a", "2", 1_000_000));
    assert!(server.has_taken(&small));
    assert!(!server.has_taken(&large));
    assert!(server.download("a") == fs::read(&small).unwrap());
    assert!(fs::read_dir(data.path().join(".amps/staging")).unwrap().next().is_none());
}

#[test]
fn a_disk_that_is_full_at_the_first_start_is_named() {
    let Some(disk) = Disk::new(64) else { return };
    disk.leave(0);
    let (code, _, stderr) = run(&mut disk.serve());
    assert_eq!(code, Some(2));
    assert!(
        stderr.starts_with("ERROR: ") && stderr.contains("full") || stderr.contains("No space left"),
        "{stderr}"
    );
    disk.make_room();
    disk.inside(["mount", "-o", "remount,size=4m", "."]);
    drop(Server::with(&mut disk.serve()));
}

#[test]
fn a_data_directory_that_cannot_be_written_is_named() {
    let files = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::new(4096) else { return };
    let there = package(files.path(), "a", "1", 20_000);
    let server = Server::with(&mut disk.serve());
    assert!(server.has_taken(&there));
    server.signal("TERM");
    assert_eq!(server.wait().0, Some(0));
    assert!(disk.inside(["mount", "-o", "remount,ro", "."]).status.success());
    let (code, _, stderr) = run(&mut disk.serve());
    assert_eq!(code, Some(2));
    let expected = format!("ERROR: cannot lock `{}/.lock`: Read-only file system", disk.data().display());
    assert!(stderr.starts_with(&expected), "{stderr}");
    assert!(disk.inside(["mount", "-o", "remount,rw", "."]).status.success());
    let server = Server::with(&mut disk.serve());
    assert!(server.download("a") == fs::read(&there).unwrap());
}
