//! Quotas of tokens, where uploads begin: each dialect counts, and refuses until midnight.

use std::{
    io::{BufReader, Write as _},
    thread,
};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Clock as _, SystemClock, Timestamp,
    accounts::{AccessTokens as _, ApiToken, MAX_QUOTA, NewAccessToken, PackageScope, Quotas, Usage},
    audit::{AuditFilter, AuditLog as _, Position},
};
use serde_json::{Value, json};

use crate::{
    access_scene::{bearer, form, package},
    api_scene::{Api, BYTES},
    client::{Answer, answer, connect, request},
    deployment_scene::MULTIPART,
    running::eventually,
};

const TUS: &str = "Tus-Resumable: 1.0.0\r\n";

/// The header line of a new token with quotas.
fn token(api: &Api, name: &str, uploads_per_day: Option<u64>, bytes_per_day: Option<u64>) -> String {
    let token = ApiToken::generate().unwrap();
    let new = NewAccessToken {
        name: name.parse().unwrap(),
        roles: "upload".parse().unwrap(),
        scope: PackageScope::default(),
        quotas: Quotas { uploads_per_day, bytes_per_day },
        expires_at: None,
    };
    api.scene.catalog().create_access_token(&token.hash(), &new, Timestamp(0)).unwrap();
    let head = bearer(&token.reveal());
    eventually(|| {
        (request(api.scene.server.address, "GET", "/hello", &head, b"").status == 200).then_some(())
    });
    head
}

/// Begins an upload of a package in a dialect.
fn begin(api: &Api, dialect: &str, head: &str) -> Answer {
    let body = package("org.example.a");
    match dialect {
        "package" => request(api.scene.server.address, "PUT", "/package/upload", head, &body),
        "deployment" => {
            let head = format!("{MULTIPART}{head}");
            request(api.scene.address, "POST", "/upload", &head, &form("org.example.a"))
        }
        "api" => api.send("POST", "/uploads", &format!("{BYTES}{head}"), &body),
        _ => {
            let head = format!("{TUS}Upload-Length: {}\r\n{head}", body.len());
            api.send("POST", "/uploads/tus", &head, b"")
        }
    }
}

/// Runs a test in which no day ends: the server counts by the system's clock, so whatever midnight has interrupted is done again.
fn within_a_day(test: impl Fn()) {
    loop {
        let begun = Usage::day(SystemClock.now());
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(&test));
        match outcome {
            Err(panic) if Usage::day(SystemClock.now()) == begun => std::panic::resume_unwind(panic),
            Ok(()) => return,
            Err(_) => {}
        }
    }
}

#[track_caller]
fn is_used_up(answer: &Answer, message: &str) {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, 429, "{text}");
    assert!(text.contains("quota-used-up") && text.contains(message), "{text}");
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&seconds), "{seconds}");
}

#[test]
fn each_dialect_counts_uploads_and_bytes() {
    within_a_day(|| {
        let api = Api::start("none");
        for dialect in ["package", "deployment", "api", "tus"] {
            let head = token(&api, &format!("uploads-{dialect}"), Some(1), None);
            let first = begin(&api, dialect, &head);
            assert!(matches!(first.status, 200 | 201), "{dialect}");
            let message = "the token has 2 uploads today with this upload: expected at most 1";
            is_used_up(&begin(&api, dialect, &head), message);
            // What it has used in one dialect is used in all.
            is_used_up(&begin(&api, "package", &head), message);

            let head = token(&api, &format!("bytes-{dialect}"), None, Some(100));
            is_used_up(&begin(&api, dialect, &head), "bytes today with this upload: expected at most 100");
            // A quota says nothing about reading.
            assert_eq!(request(api.scene.server.address, "GET", "/package/list", &head, b"").status, 200);
        }
        let usage = api.scene.catalog().usage(SystemClock.now()).unwrap();
        assert_eq!(usage.len(), 4, "what was refused is not counted: {usage:?}");
    });
}

#[test]
fn whoever_has_a_quota_of_bytes_says_how_many_come() {
    let api = Api::start("none");
    let (bound, free) = (token(&api, "bound", None, Some(1 << 20)), token(&api, "free", None, None));
    let body = package("org.example.a");
    let mut chunked = format!("{:x}\r\n", body.len()).into_bytes();
    chunked.extend_from_slice(&body);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let send = |head: &str| {
        let mut stream = connect(api.scene.server.address);
        let head =
            format!("PUT /package/upload HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n{head}\r\n");
        stream.write_all(&[head.as_bytes(), &chunked].concat()).unwrap();
        answer(&mut BufReader::new(stream), true)
    };
    let refused = send(&bound);
    assert_eq!((refused.status, refused.json()["error"].as_str()), (411, Some("length-required")));
    assert_eq!(send(&free).status, 200);
    assert!(api.scene.catalog().usage(SystemClock.now()).unwrap().is_empty());
}

#[test]
fn of_two_uploads_at_once_with_one_left_one_passes() {
    within_a_day(|| {
        let api = Api::start("none");
        let head = token(&api, "ci", Some(1), None);
        let mut statuses: Vec<u16> = thread::scope(|scope| {
            let both = [0, 1].map(|_| scope.spawn(|| begin(&api, "package", &head).status));
            both.map(|thread| thread.join().unwrap()).to_vec()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 429]);
    });
}

#[test]
fn an_upload_that_still_arrives_has_taken_the_last_place() {
    within_a_day(|| {
        let api = Api::start("none");
        let head = token(&api, "ci", Some(1), None);
        let body = package("org.example.a");
        let mut slow = connect(api.scene.server.address);
        let length = format!("Content-Length: {}\r\n", body.len());
        let first = format!("PUT /package/upload HTTP/1.1\r\nHost: test\r\n{length}{head}\r\n");
        slow.write_all(&[first.as_bytes(), &body[..100]].concat()).unwrap();
        eventually(|| (!api.scene.catalog().usage(SystemClock.now()).unwrap().is_empty()).then_some(()));
        for dialect in ["package", "deployment", "api", "tus"] {
            is_used_up(&begin(&api, dialect, &head), "2 uploads today with this upload: expected at most 1");
        }
        slow.write_all(&body[100..]).unwrap();
        let answer = answer(&mut BufReader::new(slow), true);
        assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some("ok")));
    });
}

#[test]
fn the_api_tells_quotas_and_what_was_used_of_them_today() {
    within_a_day(|| {
        let api = Api::start("none");
        let new = json!({ "name": "both", "roles": ["upload"], "uploadsPerDay": MAX_QUOTA, "bytesPerDay": 1 << 20 });
        let created = api.change("POST", "/tokens", &new).json();
        let told = |name: &str| {
            let token = api.get(&format!("/tokens/{name}"));
            let list = api.get("/tokens");
            let items = list["items"].as_array().unwrap();
            assert!(items.contains(&token), "{token} is not in {list}");
            ["uploadsPerDay", "bytesPerDay", "uploadsToday", "bytesToday"].map(|key| token[key].clone())
        };
        assert_eq!(created["details"], api.get("/tokens/both"));
        assert_eq!(told("both"), [json!(MAX_QUOTA), json!(1 << 20), json!(0), json!(0)]);
        let head = bearer(created["token"].as_str().unwrap());
        let bytes = package("org.example.a").len();
        for (dialect, uploads) in [("api", 1), ("tus", 2), ("package", 3)] {
            assert!(matches!(begin(&api, dialect, &head).status, 200 | 201), "{dialect}");
            assert_eq!(told("both")[2..], [json!(uploads), json!(uploads * bytes)], "{dialect}");
        }
        for (name, field) in [("uploads", "uploadsPerDay"), ("bytes", "bytesPerDay")] {
            let new = json!({ "name": name, "roles": ["upload"], field: 1 << 20 });
            let token = api.change("POST", "/tokens", &new).json()["token"].as_str().unwrap().to_owned();
            assert_eq!(begin(&api, "api", &bearer(&token)).status, 200);
        }
        assert_eq!(told("uploads"), [json!(1 << 20), Value::Null, json!(1), Value::Null]);
        assert_eq!(told("bytes"), [Value::Null, json!(1 << 20), Value::Null, json!(bytes)]);
        // Whoever has no quota is not counted.
        assert_eq!(told("owner"), [Value::Null, Value::Null, Value::Null, Value::Null]);
    });
}

#[test]
fn the_api_takes_no_quota_of_nothing_and_none_that_is_too_large() {
    let api = Api::start("none");
    for field in ["uploadsPerDay", "bytesPerDay"] {
        for wrong in [0, MAX_QUOTA + 1, u64::MAX] {
            let new = json!({ "name": "ci", "roles": ["upload"], field: wrong });
            let refused = api.change("POST", "/tokens", &new);
            let problem: Value = serde_json::from_slice(&refused.body).unwrap();
            let detail = format!("found {wrong}: expected a number from 1 to {MAX_QUOTA}");
            assert_eq!(
                (refused.status, &problem["code"], &problem["field"], &problem["detail"]),
                (400, &json!("invalid-body"), &json!(field), &json!(detail))
            );
        }
        for wrong in [json!(-1), json!(1.5), json!("1"), json!(1e300)] {
            let refused =
                api.change("POST", "/tokens", &json!({ "name": "ci", "roles": ["upload"], field: wrong }));
            let problem: Value = serde_json::from_slice(&refused.body).unwrap();
            assert_eq!((refused.status, &problem["field"]), (400, &json!(field)), "{wrong}");
        }
    }
    assert_eq!(api.send("GET", "/tokens/ci", &api.owner, b"").status, 404, "nothing was made");
}

#[test]
fn what_a_quota_refuses_is_in_the_audit_trail() {
    let mut api = Api::start("none");
    let head = token(&api, "ci", None, Some(1));
    is_used_up(&begin(&api, "api", &head), "expected at most 1");
    api.scene.server.request_shutdown();
    api.scene.server.join();
    let catalog = SqliteCatalog::open(&api.scene.server.data.path().join(".amps/catalog.db")).unwrap();
    let page = catalog.audit_page(Position::After(0), &AuditFilter::default(), 1000).unwrap();
    let found =
        page.entries.iter().find(|entry| entry.record.code.as_deref() == Some("quota-used-up")).unwrap();
    assert_eq!(
        (found.record.action.as_str(), found.record.object.as_deref()),
        ("access.denied", Some("/api/v1/uploads"))
    );
}
