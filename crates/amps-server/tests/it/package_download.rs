//! `/package/download`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};

use amps_testkit::PackageBuilder;

use crate::{client::connect, running::Running, verdicts::fixture};

#[test]
fn gives_back_what_was_uploaded() {
    let server = Running::start();
    for name in ["qt6/hello.ampkg", "qt6/native-all.ampkg", "qt6/native-arm64.ampkg"] {
        server.add(&fixture(name));
    }
    for (query, name) in [
        ("id=org.example.hello", "qt6/hello.ampkg"),
        ("id=org.example.hello&architecture=all", "qt6/hello.ampkg"),
        ("id=org.example.hello&architecture=linux_arm_64", "qt6/hello.ampkg"),
        ("id=org.example.native&architecture=linux_arm_64&hardware-id=x", "qt6/native-arm64.ampkg"),
        ("id=org.example.native&architecture=linux_x86_64", "qt6/native-all.ampkg"),
    ] {
        let answer = server.get(&format!("/package/download?{query}"));
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("application/octet-stream")),
            "{query}"
        );
        assert!(answer.body == fixture(name), "{query}");
    }
    assert!(server.post("/package/download", "id=org.example.hello").body == fixture("qt6/hello.ampkg"));
    for query in ["", "?id=x", "?id=%00", "?architecture=all"] {
        assert_eq!(server.get(&format!("/package/download{query}")).status, 404, "{query}");
    }
}

/// A package too large for the buffers between server and client.
fn large(version: &str) -> Vec<u8> {
    let mut state = 1_u64;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()
    });
    let content: Vec<u8> = noise.take(3 << 20).flatten().collect();
    PackageBuilder::hello().version(version).file("large.bin", content).build()
}

#[test]
fn a_download_ends_with_the_bytes_that_it_began_with() {
    for then in ["replaced", "removed", "shut down"] {
        let mut server = Running::start();
        let package = large("1");
        server.add(&package);
        let mut stream = connect(server.address);
        write!(
            stream,
            "GET /package/download?id=org.example.hello HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        let mut first = vec![0; 1000];
        reader.read_exact(&mut first).unwrap();
        match then {
            "replaced" => drop(server.add(&large("2"))),
            "removed" => drop(server.post("/package/remove", "id=org.example.hello")),
            _ => server.request_shutdown(),
        }
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        assert!([first, rest].concat() == package, "{then}");
        server.request_shutdown();
        server.join();
    }
}
