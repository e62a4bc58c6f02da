//! What the API says of the checks of an upload: at its end, while they are made, and after a restart.

use std::{fs, io::Write as _, path::PathBuf};

use amps_core::Certificates;
use amps_server::Settings;
use amps_testkit::{HalfFile, PackageBuilder};
use serde_json::{Value, json};

use crate::{
    access_scene::bearer,
    api_scene::{Api, BYTES},
    client::{Answer, answer as answer_of, connect, request},
    running::{Running, eventually},
    signed_scene::anchors,
    verdicts::fixture,
};

const TUS: &str = "Tus-Resumable: 1.0.0\r\n";
const PIECE: &str = "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n";

/// `check: verdict` of all, with details where `detailed` says so.
fn lines(checks: &Value, detailed: bool) -> Vec<String> {
    let line = |check: &Value| {
        let word = format!("{}: {}", check["check"].as_str().unwrap(), check["verdict"].as_str().unwrap());
        match check["detail"].as_str() {
            Some(detail) if detailed => format!("{word} ({detail})"),
            _ => word,
        }
    };
    checks.as_array().unwrap().iter().map(line).collect()
}

fn developers() -> Certificates {
    Certificates { developers: Some(anchors(&["chain.crt"])), ..Certificates::default() }
}

fn upload(api: &Api, head: &str, package: &[u8]) -> Answer {
    api.send("POST", "/uploads", &format!("{BYTES}{head}"), package)
}

#[test]
fn the_answer_to_an_upload_has_every_verdict() {
    let api = Api::start("read");
    let added = api.add(&fixture("qt6/hello.ampkg"));
    insta::assert_snapshot!(lines(&added["checks"], true).join("\n"), @"
    format: passed
    structure: passed (3 files and folders)
    manifest: passed (org.example.hello in version `1.0`)
    digest: passed (e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8)
    architecture: passed (for every architecture)
    storeSignature: skipped (the package has none, and needs none)
    scope: skipped (whoever brings it may bring every package)
    developerSignature: skipped (the package has none, and needs none: this store has no certificates to verify developers with)
    publication: passed (release 1: it is new)
    ");
    let verifying = Api::with("read", developers(), |_| {});
    let added = verifying.add(&fixture("qt6/hello-dev1.ampkg"));
    let developer = "developerSignature: passed (signed by `emailAddress=dev1@example.org,CN=Developer 1,O=Example Developer 1,C=DE`)";
    assert_eq!(lines(&added["checks"], true)[7], developer);
}

#[test]
fn a_refusal_says_which_check_has_failed_and_which_were_not_reached() {
    let api = Api::with("read", developers(), |_| {});
    let narrow = bearer(&api.token("narrow", "upload", &["com.other"], None));
    let settled = || upload(&api, &narrow, b"").status;
    eventually(|| (settled() == 422).then_some(()));
    for (name, head, status, failed) in [
        ("bad/not-an-archive.ampkg", &api.owner, 422, "format"),
        ("bad/symlink.ampkg", &api.owner, 422, "structure"),
        ("bad/info-no-id.ampkg", &api.owner, 422, "manifest"),
        ("bad/tampered-file.ampkg", &api.owner, 422, "digest"),
        ("bad/mixed-architectures.ampkg", &api.owner, 422, "architecture"),
        ("qt6/hello-dev1.ampkg", &narrow, 403, "scope"),
        ("qt6/hello.ampkg", &api.owner, 422, "developerSignature"),
        ("qt6/hello-other.ampkg", &api.owner, 422, "developerSignature"),
    ] {
        let package = fixture(name);
        let answer = upload(&api, head, &package);
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer.status, status, "{name}: {problem}");
        let checks = lines(&problem["checks"], false);
        let position = |check: &Value| check["verdict"] == "failed";
        let at = problem["checks"].as_array().unwrap().iter().position(position).unwrap();
        assert_eq!(problem["checks"][at]["detail"], problem["detail"], "{name}");
        assert_eq!(checks[at], format!("{failed}: failed"), "{name}");
        assert!(checks[at + 1..].iter().all(|check| !check.ends_with(": failed")), "{name}: {checks:?}");
        assert_eq!(checks[8], "publication: notReached", "{name}");
        assert!(!checks.iter().any(|check| check.ends_with(": waiting")), "{name}: {checks:?}");
        // The same in pieces.
        let begun = api.send(
            "POST",
            "/uploads/tus",
            &format!("{TUS}Upload-Length: {}\r\n{head}", package.len()),
            b"",
        );
        let path = begun.header("location").unwrap().strip_prefix("/api/v1").unwrap().to_owned();
        let answer = api.send("PATCH", &path, &format!("{PIECE}Upload-Offset: 0\r\n{head}"), &package);
        let again: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, &again["checks"]), (status, &problem["checks"]), "{name}");
        assert_eq!(api.send("GET", &path, head, b"").json()["checks"], problem["checks"], "{name}");
        api.send("DELETE", &path, &format!("{TUS}{head}"), b"");
    }
    // What is no verdict about a package has no list.
    let unknown = api.send("GET", "/releases/999", &api.owner, b"");
    let unknown: Value = serde_json::from_slice(&unknown.body).unwrap();
    assert!(unknown.get("code").is_some() && unknown.get("checks").is_none(), "{unknown}");
}

fn begin(server: &Running, bytes: usize) -> String {
    let begin = format!("{TUS}Upload-Length: {bytes}\r\n");
    let answer = request(server.address, "POST", "/api/v1/uploads/tus", &begin, b"");
    answer.header("location").unwrap().to_owned()
}

fn send(server: &Running, package: &[u8]) -> String {
    let path = begin(server, package.len());
    request(server.address, "PATCH", &path, &format!("{PIECE}Upload-Offset: 0\r\n"), package);
    path
}

fn status(server: &Running, path: &str) -> Value {
    request(server.address, "GET", path, "", b"").json()
}

/// The only file in the folder of uploads with this ending.
fn file(server: &Running, ending: &str) -> PathBuf {
    let files =
        fs::read_dir(server.data.path().join(".amps/uploads")).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|found| found == ending)).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

#[test]
fn verdicts_are_there_after_a_restart_and_records_without_them_are_read() {
    for (package, state) in [("qt6/hello.ampkg", "published"), ("bad/tampered-file.ampkg", "refused")] {
        let server = Running::on(tempfile::tempdir().unwrap(), Settings::default());
        let path = send(&server, &fixture(package));
        let before = status(&server, &path);
        assert_eq!((&before["state"], before["checks"].as_array().unwrap().len()), (&json!(state), 9));
        let server = Running::on(server.stop(), Settings::default());
        assert_eq!(status(&server, &path), before);
        let data = server.stop();
        let server = Running::on(data, Settings::default());
        let record_file = file(&server, "json");
        let data = server.stop();
        let mut record: Value = serde_json::from_slice(&fs::read(&record_file).unwrap()).unwrap();
        assert!(record.as_object_mut().unwrap().remove("checks").is_some());
        fs::write(&record_file, record.to_string()).unwrap();
        let server = Running::on(data, Settings::default());
        let after = status(&server, &path);
        assert_eq!((&after["state"], &after["checks"]), (&json!(state), &json!([])));
    }
}

/// A package of about 1 MB that cannot be compressed.
fn large() -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    let noise: Vec<u8> = (0..1_000_000).map(|_| next()).collect();
    PackageBuilder::hello().file("noise", noise).build()
}

#[test]
fn verdicts_come_while_the_package_is_verified() {
    let server = Running::start();
    let package = large();
    let path = begin(&server, package.len());
    let waiting = status(&server, &path);
    assert!(lines(&waiting["checks"], true).iter().all(|check| check.ends_with(": waiting")), "{waiting}");
    assert_eq!(waiting["checkedBytes"], Value::Null);
    let mut stream = connect(server.address);
    write!(
        stream,
        "PATCH {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\nUpload-Offset: 0\r\n{PIECE}\r\n",
        package.len()
    )
    .unwrap();
    stream.write_all(&package[..100]).unwrap();
    eventually(|| (status(&server, &path)["offsetBytes"] == 100).then_some(()));
    // The server goes on to write into the file that it has open, and will read another one.
    let half = HalfFile::in_place_of(&file(&server, "part"), package.clone());
    stream.write_all(&package[100..]).unwrap();
    let found = eventually(|| {
        Some(status(&server, &path)).filter(|status| status["checks"][2]["verdict"] != "waiting")
    });
    insta::assert_snapshot!(lines(&found["checks"], true).join("\n"), @"
    format: waiting
    structure: waiting
    manifest: passed (org.example.hello in version `1.0`)
    digest: waiting
    architecture: waiting
    storeSignature: waiting
    scope: waiting
    developerSignature: waiting
    publication: waiting
    ");
    assert_eq!(found["state"], "verifying");
    let read_bytes = found["checkedBytes"].as_u64().unwrap();
    assert!(read_bytes > 0 && read_bytes <= package.len() as u64 / 2, "{read_bytes}");
    drop(half);
    let answer = answer_of(&mut std::io::BufReader::new(stream), true);
    assert_eq!(answer.status, 204);
    let after = status(&server, &path);
    assert_eq!((&after["state"], &after["checkedBytes"]), (&json!("published"), &Value::Null));
    let verdicts: Vec<_> =
        after["checks"].as_array().unwrap().iter().map(|check| &check["verdict"]).collect();
    assert_eq!(
        json!(verdicts),
        json!(["passed", "passed", "passed", "passed", "passed", "skipped", "skipped", "skipped", "passed"])
    );
}
