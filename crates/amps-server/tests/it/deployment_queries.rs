//! Queries as QML's `XMLHttpRequest` sends them, and worse.

use std::io::{BufReader, Write as _};

use amps_testkit::PackageBuilder;

use crate::{
    client::{answer, connect},
    deployment_scene::Scene,
};

/// The status of a request whose target has these bytes.
fn status(scene: &Scene, target: &[u8]) -> u16 {
    let mut stream = connect(scene.address);
    stream
        .write_all(&[b"GET ", target, b" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"].concat())
        .unwrap();
    answer(&mut BufReader::new(stream), true).status
}

#[test]
fn what_a_device_does_not_escape_counts_as_it_stands() {
    let scene = Scene::start();
    scene.add(
        &PackageBuilder::hello()
            .name("Größe, 50:50|{a}")
            .header_line("extra: { tags: [ 'qt:5.15', b ] }")
            .build(),
    );
    let query = "&architecture=x86_64-little_endian-lp64-linux&require_tag=b,qt:5.15";
    let mut device = scene.greeted(query);
    let id = ["org.example.hello"];
    for filter in ["Größe", "größe", "GRÖSSE", ",%2050:50|", "{a}", "e,%2050", "%3A50%7C", "50:50|{a}"] {
        let expected: &[&str] = if filter == "GRÖSSE" { &[] } else { &id };
        assert_eq!(device.list(&format!("?filter={filter}"), "id"), expected, "{filter}");
    }
}

#[test]
fn which_raw_bytes_are_taken() {
    let scene = Scene::start();
    for byte in 0x21..=0xff_u8 {
        let expected = match byte {
            // No device sends the first three raw: QUrl escapes them. The others are not UTF-8, alone.
            b'"' | b'<' | b'>' | 0x7f.. => 400,
            _ => 200,
        };
        assert_eq!(
            status(&scene, &[b"/category/list?x=", &[byte][..], b"&y"].concat()),
            expected,
            "{byte:#x}"
        );
    }
    assert_eq!(status(&scene, "/category/list?x=ä€𝄞".as_bytes()), 200);
}

#[test]
fn odd_percent_signs_are_taken_as_they_stand() {
    let scene = Scene::start();
    scene.add(&PackageBuilder::hello().name("100% + more").build());
    let mut device = scene.greeted("");
    for (filter, found) in [
        ("100%25", 1),
        ("100%", 1),
        ("100%25%20%2B", 1),
        ("%2B+more", 1),
        ("%FF", 0),
        ("%", 1),
        ("%00", 0),
        ("", 1),
    ] {
        assert_eq!(device.list(&format!("?filter={filter}"), "id").len(), found, "{filter}");
    }
}
