//! Uploads in pieces, by tus 1.0.

use std::{fs, io::Write as _, net::Shutdown};

use amps_server::{ServerLimits, Settings};
use amps_testkit::PackageBuilder;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    api_scene::Api,
    client::{Answer, connect, request},
    running::{Running, eventually},
};

const TUS: &str = "Tus-Resumable: 1.0.0\r\n";
const PIECE: &str = "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n";

/// Begins an upload; gives its path below the API.
#[track_caller]
fn begin(api: &Api, bytes: usize, head: &str) -> String {
    let answer = api.send("POST", "/uploads/tus", &format!("{TUS}Upload-Length: {bytes}\r\n{head}"), b"");
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    answer.header("location").unwrap().strip_prefix("/api/v1").unwrap().to_owned()
}

#[track_caller]
fn send(api: &Api, path: &str, offset: usize, piece: &[u8]) -> Answer {
    api.send("PATCH", path, &format!("{PIECE}Upload-Offset: {offset}\r\n{}", api.owner), piece)
}

fn code(answer: &Answer) -> String {
    let problem: Value = serde_json::from_slice(&answer.body).unwrap();
    problem["code"].as_str().unwrap().to_owned()
}

#[test]
fn a_package_comes_in_pieces_and_is_published_once() {
    let api = Api::start("read");
    let package = PackageBuilder::hello().build();
    let path = begin(&api, package.len(), &format!("Upload-Metadata: name aGVsbG8=,x\r\n{}", api.owner));
    let mut offset = 0;
    for piece in package.chunks(package.len() / 3 + 1) {
        let answer = send(&api, &path, offset, piece);
        offset += piece.len();
        assert_eq!((answer.status, answer.header("upload-offset")), (204, Some(offset.to_string().as_str())));
        let head = api.send("HEAD", &path, &format!("{TUS}{}", api.owner), b"");
        assert_eq!(head.header("upload-offset"), Some(offset.to_string().as_str()));
        assert_eq!(head.header("upload-metadata"), Some("name aGVsbG8=,x"));
        assert_eq!(head.header("cache-control"), Some("no-store"));
    }
    let status = api.get(&path);
    assert_eq!(status["state"], "published");
    assert_eq!(api.get(&format!("/releases/{}", status["release"]))["sizeBytes"], package.len());
    // The last piece again: the answer may have been lost.
    let answer = send(&api, &path, package.len(), b"");
    let location = format!("/api/v1/releases/{}", status["release"]);
    assert_eq!((answer.status, answer.header("content-location")), (204, Some(location.as_str())));
    assert_eq!(api.get("/packages/org.example.hello")["releaseCount"], 1);
    assert_eq!(api.send("DELETE", &path, &format!("{TUS}{}", api.owner), b"").status, 204);
    assert_eq!(api.send("HEAD", &path, &format!("{TUS}{}", api.owner), b"").status, 404);
    assert_eq!(api.get("/packages")["total"], 1);
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let api = Api::start("read");
    let path = begin(&api, 10, &api.owner);
    assert_eq!(send(&api, &path, 0, b"12345").status, 204);
    for (offset, piece, status, expected) in [
        (0, &b"12345"[..], 409, "offset-conflict"),
        (6, b"1", 409, "offset-conflict"),
        (5, b"678901", 413, "too-much"),
    ] {
        let answer = send(&api, &path, offset, piece);
        assert_eq!((answer.status, code(&answer).as_str()), (status, expected));
        assert_eq!(answer.header("upload-offset"), Some("5"));
    }
    let owner = &api.owner;
    for (method, head, status, expected) in [
        ("PATCH", format!("{TUS}Upload-Offset: 5\r\n{owner}"), 415, "unsupported-media-type"),
        ("PATCH", format!("{PIECE}{owner}"), 400, "invalid-header"),
        ("PATCH", format!("{PIECE}Upload-Offset: +5\r\n{owner}"), 400, "invalid-header"),
        (
            "PATCH",
            format!("Content-Type: application/offset+octet-stream\r\nUpload-Offset: 5\r\n{owner}"),
            412,
            "tus-version",
        ),
        ("DELETE", format!("Tus-Resumable: 0.2.2\r\n{owner}"), 412, "tus-version"),
    ] {
        let answer = api.send(method, &path, &head, b"");
        assert_eq!((answer.status, code(&answer).as_str()), (status, expected), "{head}");
        assert_eq!(answer.header("tus-resumable"), Some("1.0.0"));
    }
    for head in
        ["", "Upload-Length: x\r\n", "Upload-Length: 0\r\n", "Upload-Length: 1\r\nUpload-Metadata: a !\r\n"]
    {
        let answer = api.send("POST", "/uploads/tus", &format!("{TUS}{head}{owner}"), b"");
        assert_eq!((answer.status, code(&answer).as_str()), (400, "invalid-header"), "{head}");
    }
    assert_eq!(api.get(&path)["offsetBytes"], 5);
}

#[test]
fn a_refused_package_is_told_why_and_leaves_nothing() {
    let api = Api::start("read");
    let before = api.scene.server.files();
    let path = begin(&api, 7, &api.owner);
    let answer = send(&api, &path, 0, b"garbage");
    assert_eq!((answer.status, code(&answer).as_str()), (422, "format"));
    let answer = send(&api, &path, 7, b"");
    assert_eq!((answer.status, code(&answer).as_str()), (422, "format"));
    assert_eq!(api.get(&path)["refusal"]["code"], "format");
    assert_eq!(api.send("HEAD", &path, &format!("{TUS}{}", api.owner), b"").status, 410);
    assert_eq!(api.send("DELETE", &path, &format!("{TUS}{}", api.owner), b"").status, 204);
    assert!(api.scene.server.files() == before);
}

#[test]
fn there_are_bounds() {
    let api = Api::with("all", amps_core::Certificates::default(), |settings| {
        let limits = &mut settings.limits;
        (limits.partial_uploads_per_caller, limits.partial_upload_bytes) = (2, 100);
        limits.package.package_bytes = 90;
    });
    let begin = |bytes: u64, head: &str| {
        api.send("POST", "/uploads/tus", &format!("{TUS}Upload-Length: {bytes}\r\n{head}"), b"")
    };
    let answer = begin(91, &api.owner);
    assert_eq!((answer.status, code(&answer).as_str()), (413, "limit"));
    assert_eq!(begin(90, &api.owner).status, 201);
    let answer = begin(11, &api.owner);
    assert_eq!((answer.status, code(&answer).as_str()), (429, "too-many-uploads"));
    assert_eq!(begin(10, &api.owner).status, 201);
    assert_eq!(begin(1, &api.owner).status, 429);
    // Somebody else has uploads of their own.
    assert_eq!(begin(90, "").status, 201);
}

#[test]
fn an_upload_is_its_owners() {
    let api = Api::start("all");
    let path = begin(&api, 10, &api.owner);
    for method in ["GET", "HEAD", "DELETE"] {
        assert_eq!(api.send(method, &path, TUS, b"").status, 404, "{method}");
    }
    assert_eq!(api.send("PATCH", &path, &format!("{PIECE}Upload-Offset: 0\r\n"), b"1").status, 404);
}

fn open(data: TempDir) -> Running {
    Running::on(data, Settings { limits: ServerLimits::default(), ..Settings::default() })
}

fn status(server: &Running, path: &str) -> Value {
    request(server.address, "GET", path, "", b"").json()
}

#[test]
fn what_has_come_survives_a_restart() {
    let package = PackageBuilder::hello().build();
    let server = open(tempfile::tempdir().unwrap());
    let begin = format!("{TUS}Upload-Length: {}\r\n", package.len());
    let answer = request(server.address, "POST", "/api/v1/uploads/tus", &begin, b"");
    let path = answer.header("location").unwrap().to_owned();
    // The client goes away in the middle of a piece.
    let mut stream = connect(server.address);
    write!(
        stream,
        "PATCH {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\nUpload-Offset: 0\r\n{PIECE}\r\n",
        package.len()
    )
    .unwrap();
    stream.write_all(&package[..100]).unwrap();
    eventually(|| (status(&server, &path)["offsetBytes"] == 100).then_some(()));
    stream.shutdown(Shutdown::Both).unwrap();
    let server = open(server.stop());
    assert_eq!(status(&server, &path)["offsetBytes"], 100);
    let head = format!("{PIECE}Upload-Offset: 100\r\n");
    assert_eq!(request(server.address, "PATCH", &path, &head, &package[100..]).status, 204);
    let server = open(server.stop());
    assert_eq!(status(&server, &path)["state"], "published");
}

#[test]
fn what_had_come_to_its_end_is_published_by_the_next_start() {
    let package = PackageBuilder::hello().build();
    for state in ["receiving", "publishing"] {
        let server = open(tempfile::tempdir().unwrap());
        let begin = format!("{TUS}Upload-Length: {}\r\n", package.len());
        let answer = request(server.address, "POST", "/api/v1/uploads/tus", &begin, b"");
        let path = answer.header("location").unwrap().to_owned();
        if state == "publishing" {
            // The server was killed after there was a release, and before that was noted.
            server.add(&package);
        }
        let data = server.stop();
        for file in fs::read_dir(data.path().join(".amps/uploads")).unwrap() {
            let file = file.unwrap().path();
            if file.extension().unwrap() == "json" {
                let mut record: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
                record["state"] = json!(state);
                fs::write(&file, record.to_string()).unwrap();
            } else {
                fs::write(&file, &package).unwrap();
            }
        }
        let server = open(data);
        let status =
            eventually(|| Some(status(&server, &path)).filter(|status| status["state"] == "published"));
        let release =
            request(server.address, "GET", &format!("/api/v1/releases/{}", status["release"]), "", b"");
        assert_eq!((release.status, &release.json()["sizeBytes"]), (200, &json!(package.len())));
        let generation = |server: &Running| {
            request(server.address, "GET", "/api/v1/server", "", b"").json()["generation"].clone()
        };
        let before = generation(&server);
        assert_eq!(generation(&open(server.stop())), before);
    }
}
