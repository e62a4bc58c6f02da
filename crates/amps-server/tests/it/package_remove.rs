//! `/package/remove`.

use std::io::{BufReader, Write as _};

use amps_server::Settings;
use serde_json::json;

use crate::{
    client::{Answer, answer, connect},
    running::Running,
    verdicts::fixture,
};

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
    let refused = remove(&server, "localhost", "Origin: http://evil.example\r\n");
    assert_eq!((refused.status, &refused.json()["error"]), (403, &json!("foreign-origin")));
    let own = remove(&server, "localhost", "Origin: http://localhost\r\n");
    assert_eq!(own.json(), json!({ "status": "ok", "removed": 1 }));
}

#[test]
fn a_page_whose_name_leads_to_this_machine_cannot_remove_anything() {
    let server = Running::start();
    server.add(&fixture("qt6/hello.ampkg"));
    for says in ["Origin: http://evil.example:8020\r\n", "Sec-Fetch-Site: same-origin\r\n"] {
        let refused = remove(&server, "evil.example:8020", says);
        assert_eq!((refused.status, &refused.json()["error"]), (403, &json!("foreign-host")), "{says}");
        let again =
            send_request(&server, "DELETE", "/api/v1/packages/org.example.hello", "evil.example:8020", says);
        assert_eq!(api_problem(&again), (403, "foreign-host".into()), "{says}");
    }
    // A cookie that such a page makes up changes nothing.
    let made_up = format!("Cookie: amps-session={}\r\nOrigin: http://evil.example\r\n", "A".repeat(43));
    let again =
        send_request(&server, "DELETE", "/api/v1/packages/org.example.hello", "evil.example", &made_up);
    assert_eq!(api_problem(&again), (403, "foreign-host".into()));
    // What is no browser may call this machine what it likes.
    assert_eq!(remove(&server, "store.example", "").json(), json!({ "status": "ok", "removed": 1 }));
}

#[test]
fn a_proxy_that_is_trusted_may_be_asked_by_any_name() {
    let trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    let server = Running::with(Settings { trusted_proxies, ..Settings::default() });
    server.add(&fixture("qt6/hello.ampkg"));
    let answer = remove(&server, "store.example", "Origin: https://store.example\r\n");
    assert_eq!(answer.json(), json!({ "status": "ok", "removed": 1 }));
}

fn remove(server: &Running, host: &str, head: &str) -> Answer {
    send_request(server, "POST", "/package/remove?id=org.example.hello", host, head)
}

fn send_request(server: &Running, method: &str, target: &str, host: &str, head: &str) -> Answer {
    let text = format!(
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n{head}\r\n"
    );
    let mut stream = connect(server.address);
    stream.write_all(text.as_bytes()).unwrap();
    answer(&mut BufReader::new(stream), true)
}

fn api_problem(answer: &Answer) -> (u16, String) {
    let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    (answer.status, problem["code"].as_str().unwrap().to_owned())
}
