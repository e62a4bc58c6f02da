//! Small packages are answered without the router from the second time on: nobody must be able to tell.

use std::fs;

use amps_testkit::PackageBuilder;

use crate::{
    client::{Answer, request},
    running::Running,
    verdicts::fixture,
};

const HELLO: &str = "/package/download?id=org.example.hello";
/// A condition that changes nothing but the way that a request takes.
const THROUGH_THE_ROUTER: &str = "If-None-Match: \"none\"\r\n";

fn get(server: &Running, target: &str, head: &str) -> Answer {
    request(server.address, "GET", target, head, b"")
}

/// Everything in an answer but what each has for itself.
fn comparable(mut answer: Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    answer.head.retain(|(name, _)| name != "x-request-id" && name != "date");
    answer.head.sort();
    (answer.status, answer.head, answer.body)
}

#[test]
fn both_ways_give_the_same_answer() {
    let server = Running::start();
    server.add(&fixture("qt6/hello.ampkg"));
    server.add(&fixture("qt6/native-arm64.ampkg"));
    for target in [
        HELLO,
        "/package/download?id=org.example.hello&architecture=all&hardware-id=x",
        "/package/download?id=org.example.native&architecture=linux_arm_64",
        "/package/download?id=org.example.native&architecture=linux_x86_64",
        "/package/download?id=org.example.hello&id=org.example.native",
        "/package/download?id=org.example.%68ello",
        "/package/download?id=%00",
        "/package/download?",
        "/package/download",
        "/package/download?id=org.example.none",
        &format!("{HELLO}&hardware-id=%00"),
        &format!("{HELLO}&hardware-id={}", "x".repeat(2000)),
    ] {
        let expected = comparable(get(&server, target, THROUGH_THE_ROUTER));
        for time in 1..4 {
            assert_eq!(comparable(get(&server, target, "")), expected, "{target}, {time}");
        }
    }
}

#[test]
fn conditions_and_ranges_count_as_ever() {
    let server = Running::start();
    let package = fixture("qt6/hello.ampkg");
    server.add(&package);
    get(&server, HELLO, "");
    let whole = get(&server, HELLO, "");
    let tag = whole.header("etag").unwrap();
    assert_eq!(get(&server, HELLO, &format!("If-None-Match: {tag}\r\n")).status, 304);
    assert_eq!(get(&server, HELLO, "If-Match: \"x\"\r\n").status, 412);
    let part = get(&server, HELLO, "Range: bytes=3-9\r\n");
    assert_eq!((part.status, &part.body[..]), (206, &package[3..10]));
    let head = request(server.address, "HEAD", HELLO, "", b"");
    assert_eq!((head.status, head.header("content-length")), (200, whole.header("content-length")));
    let named = get(&server, HELLO, "X-Request-Id: mine\r\n");
    assert_eq!((named.header("x-request-id"), &named.body), (Some("mine"), &package));
}

#[test]
fn the_next_request_sees_what_has_changed() {
    let server = Running::start();
    for version in ["1", "2", "3"] {
        let package = PackageBuilder::hello().id("org.example.hello").version(version).build();
        server.add(&package);
        for _ in 0..3 {
            assert!(server.get(HELLO).body == package);
        }
    }
    server.post("/package/remove", "id=org.example.hello");
    assert_eq!(server.get(HELLO).status, 404);
}

#[test]
fn what_was_damaged_and_mended_is_whole_again() {
    let server = Running::start();
    let package = fixture("qt6/hello.ampkg");
    server.add(&package);
    let file = server.data.path().join(".packages/org.example.hello_all.ampkg");
    let mut permissions = fs::metadata(&file).unwrap().permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "it is in a folder of the test")]
    permissions.set_readonly(false);
    fs::set_permissions(&file, permissions).unwrap();
    let mut damaged = package.clone();
    damaged[100] ^= 1;
    fs::write(&file, &damaged).unwrap();
    for _ in 0..3 {
        assert_eq!(server.get(HELLO).status, 200);
    }
    server.upload(&package);
    for _ in 0..3 {
        assert!(server.get(HELLO).body == package);
    }
}
