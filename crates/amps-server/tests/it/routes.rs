//! Paths, methods, and the small routes.

use amps_server::Settings;
use serde_json::json;

use crate::{client::request, running::Running, verdicts::fixture};

#[test]
fn hello_says_whether_the_project_is_the_same() {
    let settings = Settings { project_id: "MY CAR".parse().unwrap(), ..Settings::default() };
    let server = Running::with(settings);
    for (target, status) in [
        ("/hello?project-id=MY%20CAR", "ok"),
        ("/hello?project-id=MY+CAR", "ok"),
        ("/hello?project-id=my%20car", "incompatible-project-id"),
        ("/hello?project-id=", "incompatible-project-id"),
        ("/hello", "incompatible-project-id"),
    ] {
        assert_eq!(server.get(target).json(), json!({ "status": status }), "{target}");
    }
    assert_eq!(server.post("/hello", "project-id=MY+CAR").json(), json!({ "status": "ok" }));
    // Where both say something, the query counts.
    let answer = server.post("/hello?project-id=other", "project-id=MY+CAR");
    assert_eq!(answer.json(), json!({ "status": "incompatible-project-id" }));
}

#[test]
fn unknown_paths_and_methods_are_refused() {
    let server = Running::start();
    for target in ["/", "/package", "/package/list/", "/uix", "/%2e%2e/etc/passwd"] {
        let answer = server.get(target);
        assert_eq!((answer.status, &answer.json()["error"]), (404, &json!("not-found")), "{target}");
    }
    for (method, target, allow) in [
        ("DELETE", "/package/list", "GET,HEAD,POST"),
        ("GET", "/package/upload", "PUT"),
        ("POST", "/package/upload", "PUT"),
        ("GET", "/package/remove", "POST"),
        ("PUT", "/hello", "GET,HEAD,POST"),
    ] {
        let answer = request(server.address, method, target, "", b"");
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{method} {target}");
    }
}

#[test]
fn head_is_a_get_without_the_body() {
    let server = Running::start();
    server.add(&fixture("qt6/hello.ampkg"));
    let answer = request(server.address, "HEAD", "/package/download?id=org.example.hello", "", b"");
    assert_eq!((answer.status, answer.header("content-length")), (200, Some("10240")));
}

#[test]
fn categories_are_sorted_and_each_comes_once() {
    let server = Running::start();
    assert_eq!(server.get("/category/list").json(), json!([]));
    for name in ["qt6/hello.ampkg", "qt6/tree.ampkg", "qt6/legacy-manifest.ampkg", "qt6/native-arm64.ampkg"] {
        server.add(&fixture(name));
    }
    assert_eq!(server.get("/category/list").json(), json!(["old", "tools"]));
}

#[test]
fn a_form_has_a_limit() {
    let server = Running::start();
    let form = |length: usize| format!("project-id=PROJECT&x={}", "y".repeat(length - 21));
    assert_eq!(server.post("/hello", &form(64 * 1024)).json(), json!({ "status": "ok" }));
    let answer = server.post("/hello", &form(64 * 1024 + 1));
    assert_eq!((answer.status, &answer.json()["error"]), (413, &json!("form-too-large")));
}
