//! `/healthz` and `/readyz`: whether the server lives, and whether it can do its work.

use std::{
    fs,
    io::{BufReader, Write as _},
};

use amps_server::{HealthPages, ManagementSettings, Settings};
use serde_json::json;

use crate::{
    client::{answer, connect, request},
    running::{Running, eventually},
};

/// A server with a listener for those who run it.
pub(crate) fn managed(settings: Settings) -> Running {
    let management = ManagementSettings { listen_address: "localhost:0".parse().unwrap() };
    Running::with(Settings { management: Some(management), ..settings })
}

#[test]
fn a_server_that_runs_is_alive_and_ready() {
    let server = managed(Settings::default());
    for page in ["/healthz", "/readyz"] {
        let answer = server.get(page);
        assert_eq!((answer.status, answer.json()), (200, json!({ "status": "ok" })), "{page}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let wrong = request(server.address, "POST", page, "", b"");
        assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET,HEAD")), "{page}");
    }
    assert_eq!(server.manage("/healthz").json(), json!({ "status": "ok" }));
    let checks = json!({ "catalog": "ok", "disk": "ok", "shutdown": "ok" });
    assert_eq!(server.manage("/readyz").json(), json!({ "status": "ok", "checks": checks }));
}

#[test]
fn pages_for_operators_are_not_where_the_packages_are() {
    let server = managed(Settings::default());
    assert_eq!(server.get("/metrics").status, 404);
    assert_eq!(server.manage("/hello").status, 404);
    assert_eq!(server.manage("/package/list").status, 404);
}

#[test]
fn without_the_pages_their_paths_are_unknown() {
    let server = Running::with(Settings { health_pages: HealthPages::Hidden, ..Settings::default() });
    for page in ["/healthz", "/readyz", "/metrics"] {
        let answer = server.get(page);
        assert_eq!((answer.status, &answer.json()["error"]), (404, &json!("not-found")), "{page}");
    }
}

#[test]
fn a_disk_with_less_room_than_wanted_is_not_ready_and_goes_on_serving() {
    let mut settings = Settings::default();
    // A pebibyte.
    settings.limits.ready_free_bytes = 1 << 50;
    let server = managed(settings);
    let answer = server.get("/readyz");
    assert_eq!((answer.status, answer.json()), (503, json!({ "status": "not-ready", "failed": ["disk"] })));
    let told = server.manage("/readyz");
    let problem = told.json()["checks"]["disk"].as_str().unwrap().to_owned();
    assert!(
        problem.starts_with("the disk has ")
            && problem.ends_with(" bytes left: expected at least 1125899906842624"),
        "{problem}"
    );
    assert_eq!(told.json()["checks"]["catalog"], "ok");
    assert_eq!(
        (told.status, server.get("/healthz").status, server.get("/package/list").status),
        (503, 200, 200)
    );
}

#[test]
fn a_disk_that_takes_nothing_is_not_ready_until_it_does() {
    let server = managed(Settings::default());
    let (staging, elsewhere) =
        (server.data.path().join(".amps/staging"), server.data.path().join(".amps/elsewhere"));
    fs::rename(&staging, &elsewhere).unwrap();
    // An answer holds for a second.
    eventually(|| (server.get("/readyz").status == 503).then_some(()));
    assert_eq!(server.get("/readyz").json()["failed"], json!(["disk"]));
    assert!(server.manage("/readyz").json()["checks"]["disk"].as_str().unwrap().starts_with("cannot "));
    fs::rename(&elsewhere, &staging).unwrap();
    eventually(|| (server.get("/readyz").status == 200).then_some(()));
    assert_eq!(fs::read_dir(&staging).unwrap().count(), 0);
}

#[test]
fn whoever_watches_sees_the_server_end() {
    let mut server = managed(Settings::default());
    // An upload that has begun and does not go on keeps the server from ending.
    let mut upload = connect(server.address);
    upload.write_all(b"PUT /package/upload HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n12345").unwrap();
    eventually(|| {
        let text = server.metrics();
        text.contains("amps_requests_in_progress{listener=\"package-server\"} 1").then_some(())
    });
    server.request_shutdown();
    eventually(|| (server.manage("/readyz").status == 503).then_some(()));
    let told = server.manage("/readyz").json();
    assert_eq!(told["checks"], json!({ "shutdown": "the server is shutting down" }));
    assert!(server.metrics().contains("amps_ready{check=\"shutdown\"} 0"));
    assert_eq!(server.manage("/healthz").status, 200);
    upload.write_all(b"67890").unwrap();
    assert_eq!(answer(&mut BufReader::new(upload), true).status, 200);
    server.join();
}

#[test]
fn who_asks_again_and_again_is_answered_from_memory() {
    let server = managed(Settings::default());
    let staging = server.data.path().join(".amps/staging");
    assert_eq!(server.get("/readyz").status, 200);
    let writes = || fs::metadata(&staging).unwrap().modified().unwrap();
    let mut seen = Vec::new();
    for _ in 0..200 {
        server.get("/readyz");
        seen.push(writes());
    }
    seen.dedup();
    assert!(seen.len() < 50, "the disk was written to {} times", seen.len());
}
