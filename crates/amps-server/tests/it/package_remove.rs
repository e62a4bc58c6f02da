//! `/package/remove`.

use serde_json::json;

use crate::{client::request, running::Running, verdicts::fixture};

#[test]
fn removes_an_architecture_or_all_of_them() {
    let all = ["qt6/native-all.ampkg", "qt6/native-arm64.ampkg", "qt6/native-win64.ampkg"];
    for (form, removed) in [
        ("id=org.example.native", 3),
        ("id=org.example.native&architecture=", 1),
        ("id=org.example.native&architecture=all", 1),
        ("id=org.example.native&architecture=linux_arm_64", 1),
        ("id=org.example.native&architecture=linux_x86_64", 0),
        ("id=org.example.native&architecture=*", 0),
        ("id=org.example", 0),
        ("id=*", 0),
        ("", 0),
    ] {
        let server = Running::start();
        for name in all {
            server.add(&fixture(name));
        }
        let status = if removed > 0 { "ok" } else { "fail" };
        assert_eq!(
            server.post("/package/remove", form).json(),
            json!({ "status": status, "removed": removed }),
            "{form}"
        );
        let left = server.files().keys().filter(|name| name.starts_with(".packages/")).count();
        assert_eq!(left, all.len() - removed, "{form}");
        let query = server.post(&format!("/package/remove?{form}"), "");
        assert_eq!(query.json()["removed"], 0, "{form}: there is nothing left");
    }
}

#[test]
fn nothing_of_a_removed_package_stays() {
    let server = Running::start();
    let before = server.files();
    server.add(&fixture("qt6/hello.ampkg"));
    server.post("/package/remove", "id=org.example.hello");
    assert_eq!(server.files().into_keys().collect::<Vec<_>>(), before.into_keys().collect::<Vec<_>>());
    assert!(server.console().ends_with("> Remove via HTTP:\n - removing org.example.hello [all]\n"));
}

#[test]
fn a_page_of_another_origin_cannot_remove_anything() {
    let server = Running::start();
    server.add(&fixture("qt6/hello.ampkg"));
    let remove = |origin: &str| {
        let head = format!("Origin: {origin}\r\n");
        request(server.address, "POST", "/package/remove?id=org.example.hello", &head, b"")
    };
    let refused = remove("http://evil.example");
    assert_eq!((refused.status, &refused.json()["error"]), (403, &json!("foreign-origin")));
    assert_eq!(remove("http://test").json(), json!({ "status": "ok", "removed": 1 }));
}
