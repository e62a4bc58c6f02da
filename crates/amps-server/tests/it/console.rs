//! What a person sees, to the letter.

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, SystemTime},
};

use amps_server::Settings;
use amps_testkit::PackageBuilder;

use crate::{running::Running, verdicts::fixture};

fn package(id: &str, version: &str) -> Vec<u8> {
    PackageBuilder::hello().id(id).version(version).build()
}

/// The lines of a start, with what differs from run to run replaced.
fn start_lines(server: &Running) -> String {
    let folder = server.data.path().canonicalize().unwrap();
    let text = server.console().replace(&folder.display().to_string(), "DIR");
    text.replace(&server.address.to_string(), "ADDRESS")
}

#[test]
fn tells_how_it_starts() {
    insta::assert_snapshot!(start_lines(&Running::start()), @r"
    a test
    > Data directory: DIR
    > Project: PROJECT
    > Verify developer signature on upload: no
    > Add store signature on download: no
    > Scanning .packages
     (none found)
    > HTTP server listening on: ADDRESS
    ");
}

/// Puts a file into `.packages` that looks as if it was made so long ago.
fn put(data: &Path, name: &str, bytes: &[u8], seconds: u64) {
    let file = data.join(".packages").join(name);
    let _ = fs::remove_file(&file);
    fs::write(&file, bytes).unwrap();
    File::open(file).unwrap().set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
}

#[test]
fn tells_what_it_found() {
    let server = Running::start();
    for package in [package("b", "1"), fixture("qt6/native-arm64.ampkg"), package("c", "1")] {
        server.add(&package);
    }
    let data = server.stop();
    fs::remove_file(data.path().join(".packages/c_all.ampkg")).unwrap();
    put(data.path(), "new\u{1b}[31m.ampkg", &package("d", "1"), 30);
    put(data.path(), "bad\u{1b}[31m.ampkg", b"garbage", 20);
    put(data.path(), "b_all.ampkg", &package("b", "2"), 10);
    let settings = Settings { project_id: "CAR".parse().unwrap(), ..Settings::default() };
    insta::assert_snapshot!(start_lines(&Running::on(data, settings)), @r"
    a test
    > Data directory: DIR
    > Project: CAR
    > Verify developer signature on upload: no
    > Add store signature on download: no
    > Scanning .packages
     - removing c [all]
     + adding   org.example.native [linux_arm_64]
     + adding   d [all]
     x failed   bad\u{1b}[31m.ampkg (not a gzip-compressed file: it begins with 67 61 72 62)
     ! updating b [all]
    > HTTP server listening on: ADDRESS
    ");
}

#[test]
fn tells_what_happens() {
    let server = Running::start();
    let begin = server.console().len();
    for package in
        [package("a", "1"), package("a", "1"), package("a", "2"), fixture("qt6/native-arm64.ampkg")]
    {
        server.add(&package);
    }
    server.upload(b"garbage");
    server.post("/package/remove", "id=a&architecture=all");
    server.post("/package/remove", "id=nothing");
    server.add(&fixture("bad/info-order.ampkg"));
    server.get("/package/list");
    server.get("/nowhere");
    insta::assert_snapshot!(&server.console()[begin..], @r"
    > Upload via HTTP:
     + adding   a [all]
    > Upload via HTTP:
     = skipping a [all] (no changes)
    > Upload via HTTP:
     ! updating a [all]
    > Upload via HTTP:
     + adding   org.example.native [linux_arm_64]
    > Upload via HTTP:
     x failed   upload from 127.0.0.1 (not a gzip-compressed file: it begins with 67 61 72 62)
    > Remove via HTTP:
     - removing a [all]
    > Upload via HTTP:
     + adding   org.example.hello [all]
     ~ warning  upload from 127.0.0.1 (devices will refuse this package: its first two files are not info.yaml and the icon `icon.png`)
    ");
}

#[test]
fn hostile_text_stays_on_its_line() {
    let server = Running::start();
    let begin = server.console().len();
    let manifest =
        "formatType: am-package\nformatVersion: 1\n---\nid: \"a\\e[2J\\r\\n + adding   b [all]\"\n";
    let answer = server.upload(&PackageBuilder::hello().manifest(manifest).build());
    assert_eq!(answer["status"], "fail");
    let console = server.console();
    let shown = &console[begin..];
    assert_eq!(shown.lines().count(), 2, "{shown}");
    assert!(shown.chars().all(|character| character == '\n' || !character.is_control()), "{shown:?}");
}
