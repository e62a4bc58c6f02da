//! Ends by signal, at moments that do not suit.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::Stdio,
};

use crate::{
    process::{Server, amps, fixture},
    scene::{names, package, wait_until},
};

#[test]
fn a_running_download_is_finished() {
    let data = tempfile::tempdir().unwrap();
    let file = package(data.path(), "a", "1", 24 << 20);
    let server = Server::start(data.path());
    assert!(server.has_taken(&file));
    let mut stream = server.connect();
    stream.write_all(b"GET /package/download?id=a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    stream.read_exact(&mut [0; 1]).unwrap();
    server.signal("TERM");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(&fs::read(&file).unwrap()));
    assert_eq!(server.wait().0, Some(0));
}

#[test]
fn a_second_signal_does_not_wait() {
    let data = tempfile::tempdir().unwrap();
    let staging = data.path().join(".amps/staging");
    let bytes = fs::read(package(data.path(), "a", "1", 1000)).unwrap();
    let server = Server::start(data.path());
    // Its client never goes on.
    let _stream = server.begin_upload(&bytes, 100);
    wait_until("the upload has begun", || !names(&staging).is_empty());
    server.signal("TERM");
    wait_until("it listens no more", || !server.is_listening());
    server.signal("INT");
    assert_eq!(server.wait().0, Some(130));
    let server = Server::start(data.path());
    assert_eq!(names(&staging), <[&str; 0]>::default());
    assert_eq!(server.curl(&[], "/package/list"), b"[]");
}

#[test]
fn asking_to_read_settings_again_does_not_end_it() {
    let data = tempfile::tempdir().unwrap();
    let mut serve = amps();
    serve.args(["serve", "--la", "localhost:0", "--dd"]).arg(data.path()).stdin(Stdio::null());
    let server = Server::with(&mut serve);
    server.signal("HUP");
    assert_eq!(server.curl(&[], "/package/list"), b"[]");
    server.signal("TERM");
    assert_eq!(server.wait().0, Some(0));
}

#[test]
fn it_can_be_ended_while_it_still_reads_packages() {
    let data = tempfile::tempdir().unwrap();
    let packages = data.path().join(".packages");
    fs::create_dir(&packages).unwrap();
    // Each unpacks to 8 MB, so that reading them all takes a while.
    for number in 0..1000 {
        fs::copy(fixture("qt6/zeros-8m.ampkg"), packages.join(format!("{number}.ampkg"))).unwrap();
    }
    let mut serve = amps();
    serve.args(["serve", "--la", "localhost:0", "--dd"]).arg(data.path());
    let mut child = serve.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == " + adding   org.example.zeros [all]"));
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(!lines.any(|line| line.contains("HTTP server listening")));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // It goes on where it stopped.
    for number in 10..1000 {
        let _ = fs::remove_file(packages.join(format!("{number}.ampkg")));
    }
    let server = Server::start(data.path());
    assert!(server.download("org.example.zeros") == fs::read(fixture("qt6/zeros-8m.ampkg")).unwrap());
    assert_eq!(names(&packages), ["org.example.zeros_all.ampkg"]);
}
