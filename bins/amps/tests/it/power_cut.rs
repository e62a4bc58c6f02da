//! What must be on the disk before an upload is acknowledged, and in which order it gets there.
//!
//! A test cannot cut the power. But what survives a cut is what the calls to the system say: the bytes of a file that was synced, and
//! a name in a folder that was synced after the name was made. So the calls are recorded.

use std::{fs, process::Command};

use crate::{
    process::{Server, amps},
    scene::{package, wait_until},
};

/// The first call, from a place on, in which all of these words are.
fn find(calls: &[&str], from: usize, words: &[&str]) -> usize {
    let is_it = |call: &&str| words.iter().all(|word| call.contains(word));
    let place = calls[from..].iter().position(is_it);
    from + place.unwrap_or_else(|| panic!("no call with {words:?} in\n{}", calls[from..].join("\n")))
}

#[test]
fn an_upload_is_on_the_disk_before_it_is_acknowledged() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second) = (package(files.path(), "a", "1", 10_000), package(files.path(), "a", "2", 10_000));
    let log = files.path().join("calls");
    let traced = "trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,write,writev,sendto,sendmsg";
    let mut command = Command::new("strace");
    command
        .args(["--daemonize", "--follow-forks", "--decode-fds=path", "--string-limit=40", "-e", traced, "-o"])
        .arg(&log);
    command.arg(amps().get_program()).args(["serve", "--la", "localhost:0", "--dd"]).arg(data.path());
    // Fails here if there is no `strace`.
    let server = Server::with(command.env("NO_COLOR", "1"));
    assert!(server.has_taken(&first));
    let begin = fs::read_to_string(&log).unwrap().lines().count();
    assert!(server.has_taken(&second));
    wait_until("the answer is in the record", || {
        fs::read_to_string(&log).unwrap().lines().skip(begin).any(|call| call.contains("HTTP/1.1 200"))
    });
    let text = fs::read_to_string(&log).unwrap();
    let calls: Vec<&str> = text.lines().skip(begin).collect();
    // The bytes before the name, the name before the catalog, the catalog before the old bytes go and before the answer.
    let bytes = find(&calls, 0, &["fdatasync(", "/staging/"]);
    let name = find(&calls, bytes, &["rename", "/staging/", "/blobs/"]);
    let folder = find(&calls, name, &["fsync(", "/blobs/"]);
    let catalog = find(&calls, folder, &["sync(", "catalog.db-wal"]);
    let freed = find(&calls, catalog, &["unlink", "/blobs/"]);
    let link = find(&calls, catalog, &["link", "/blobs/", "/.packages/"]);
    let shown = find(&calls, link, &["rename", "/.packages/", "a_all.ampkg"]);
    let packages = find(&calls, shown, &["fsync(", "/.packages>"]);
    let noted = find(&calls, packages, &["sync(", "catalog.db-wal"]);
    let answer = find(&calls, 0, &["HTTP/1.1 200"]);
    assert!(freed < answer && noted < answer, "the answer came too early:\n{}", calls.join("\n"));
    // Nothing of the old version goes before the catalog knows the new one.
    let gone = calls.iter().position(|call| call.contains("unlink") && call.contains("/blobs/")).unwrap();
    assert!(gone > catalog);
    server.signal("TERM");
    assert_eq!(server.wait().0, Some(0));
}
