//! What HTTP promises of everything that can be fetched: tags, conditions, ranges, lengths, names, compression (RFC 9110).

use std::io::{BufReader, Read as _, Write as _};

use amps_testkit::PackageBuilder;
use flate2::read::GzDecoder;

use crate::{
    client::{Answer, answer, connect, request},
    running::{Running, eventually},
    signed_scene::{key, signing_with},
    verdicts::fixture,
};

const HELLO: &str = "/package/download?id=org.example.hello";

fn get(server: &Running, target: &str, head: &str) -> Answer {
    request(server.address, "GET", target, head, b"")
}

/// A server with a package, and the package.
fn with_hello() -> (Running, Vec<u8>) {
    let server = Running::start();
    let package = fixture("qt6/hello.ampkg");
    server.add(&package);
    (server, package)
}

fn tag(answer: &Answer) -> String {
    let tag = answer.header("etag").expect("a tag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10, "{tag}");
    tag
}

#[test]
fn a_download_says_what_it_is() {
    let (server, package) = with_hello();
    let whole = server.get(HELLO);
    assert_eq!(whole.status, 200);
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-length", &package.len().to_string()),
        ("accept-ranges", "bytes"),
        ("content-disposition", "attachment; filename=\"org.example.hello_all.ampkg\""),
        ("cache-control", "no-cache"),
    ] {
        assert_eq!(whole.header(name), Some(value), "{name}");
    }
    assert_eq!(tag(&whole), tag(&server.get(HELLO)));
    assert!(whole.header("last-modified").expect("a date").ends_with(" GMT"));

    let head = request(server.address, "HEAD", HELLO, "Range: bytes=0-1\r\n", b"");
    assert_eq!((head.status, head.header("content-length")), (200, whole.header("content-length")));
    assert_eq!(tag(&head), tag(&whole));
}

#[test]
fn a_tag_is_that_of_the_bytes() {
    let (server, _) = with_hello();
    let first = tag(&server.get(HELLO));
    server.add(&PackageBuilder::hello().id("org.example.hello").version("2").build());
    let second = tag(&server.get(HELLO));
    assert_ne!(first, second);
    server.add(&fixture("qt6/hello.ampkg"));
    assert_eq!(tag(&server.get(HELLO)), first);
}

#[test]
fn who_has_it_already_gets_nothing() {
    let (server, package) = with_hello();
    let icon = "/package/icon?id=org.example.hello";
    for target in [HELLO, icon, "/package/list", "/category/list"] {
        let whole = server.get(target);
        let unchanged = get(&server, target, &format!("If-None-Match: \"x\", {}\r\n", tag(&whole)));
        assert_eq!((unchanged.status, unchanged.body.len()), (304, 0), "{target}");
        assert_eq!(tag(&unchanged), tag(&whole), "{target}");
        assert_eq!(get(&server, target, "If-None-Match: \"x\"\r\n").body, whole.body, "{target}");
        let other = get(&server, target, "If-Match: \"x\"\r\n");
        assert_eq!((other.status, &other.json()["error"]), (412, &"precondition-failed".into()), "{target}");
    }
    let date = server.get(HELLO).header("last-modified").unwrap().to_owned();
    assert_eq!(get(&server, HELLO, &format!("If-Modified-Since: {date}\r\n")).status, 304);
    let earlier = "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    assert!(get(&server, HELLO, earlier).body == package);
    // A POST asks for the package, whatever the client has.
    let head = format!("If-None-Match: {}\r\nRange: bytes=0-1\r\n", tag(&server.get(HELLO)));
    assert!(request(server.address, "POST", HELLO, &head, b"").body == package);
}

#[test]
fn a_range_is_what_was_asked_for() {
    let (server, package) = with_hello();
    let total = package.len();
    for (range, start, end) in [
        ("0-0".to_owned(), 0, 1),
        ("100-199".into(), 100, 200),
        (format!("{}-", total - 1), total - 1, total),
        ("-7".into(), total - 7, total),
        (format!("1-{}", total * 2), 1, total),
        ("0-".into(), 0, total),
        ("5-9,8-20".into(), 5, 21),
    ] {
        let part = get(&server, HELLO, &format!("Range: bytes={range}\r\n"));
        assert_eq!(part.status, 206, "{range}");
        let expected = format!("bytes {start}-{}/{total}", end - 1);
        assert_eq!(part.header("content-range"), Some(expected.as_str()), "{range}");
        assert_eq!(part.header("content-type"), Some("application/octet-stream"), "{range}");
        assert!(part.body == package[start..end], "{range}");
    }
    for range in [format!("{total}-"), "-0".into()] {
        let none = get(&server, HELLO, &format!("Range: bytes={range}\r\n"));
        assert_eq!((none.status, &none.json()["error"]), (416, &"no-such-range".into()), "{range}");
        assert_eq!(none.header("content-range"), Some(format!("bytes */{total}").as_str()), "{range}");
    }
    for ignored in ["bytes=2-1", "bytes=x", "lines=0-1"] {
        let whole = get(&server, HELLO, &format!("Range: {ignored}\r\n"));
        assert!(whole.status == 200 && whole.body == package, "{ignored}");
    }
}

#[test]
fn several_ranges_come_as_parts() {
    let (server, package) = with_hello();
    let answer = get(&server, HELLO, "Range: bytes=500-501, 0-2\r\n");
    assert_eq!(answer.status, 206);
    let kind = answer.header("content-type").unwrap();
    let boundary = kind.strip_prefix("multipart/byteranges; boundary=").expect("a boundary");
    let total = package.len();
    let mut expected = Vec::new();
    for (start, end) in [(500, 502), (0, 3)] {
        let range = format!("bytes {start}-{}/{total}", end - 1);
        let head = format!(
            "\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: {range}\r\n\r\n"
        );
        expected.extend(head.as_bytes());
        expected.extend(&package[start..end]);
    }
    expected.extend(format!("\r\n--{boundary}--\r\n").as_bytes());
    assert_eq!(String::from_utf8_lossy(&answer.body), String::from_utf8_lossy(&expected));
}

#[test]
fn a_download_goes_on_only_if_it_is_still_the_same() {
    let (server, package) = with_hello();
    let first = tag(&server.get(HELLO));
    let resume = format!("Range: bytes=100-\r\nIf-Range: {first}\r\n");
    let rest = get(&server, HELLO, &resume);
    assert!(rest.status == 206 && rest.body == package[100..]);
    server.add(&PackageBuilder::hello().id("org.example.hello").version("2").build());
    let anew = get(&server, HELLO, &resume);
    assert_eq!(anew.status, 200);
    assert_eq!(anew.body, server.get(HELLO).body);
    assert_eq!(get(&server, HELLO, "Range: bytes=0-1\r\nIf-Range: yesterday\r\n").status, 200);
}

#[test]
fn a_signed_download_goes_on_by_its_tag_alone() {
    let server = signing_with(key("store.p12", "password"));
    server.add(&PackageBuilder::hello().build());
    let whole = get(&server, HELLO, "");
    let resume =
        |condition: &str| get(&server, HELLO, &format!("Range: bytes=100-\r\nIf-Range: {condition}\r\n"));
    // The same release, signed anew, has the same date and other bytes.
    assert_eq!(resume(whole.header("last-modified").unwrap()).status, 200);
    let rest = resume(&tag(&whole));
    assert_eq!((rest.status, rest.body.as_slice()), (206, &whole.body[100..]));
}

#[test]
fn lists_are_compressed_for_who_takes_that() {
    let server = Running::start();
    for number in 0..20 {
        server.add(&PackageBuilder::hello().id(&format!("org.example.hello{number}")).build());
    }
    let plain = server.get("/package/list");
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), (None, Some("Accept-Encoding")));
    let small = get(&server, "/package/list", "Accept-Encoding: gzip, br\r\n");
    assert_eq!((small.status, small.header("content-encoding")), (200, Some("gzip")));
    assert!(small.body.len() * 4 < plain.body.len());
    let mut text = Vec::new();
    GzDecoder::new(&small.body[..]).read_to_end(&mut text).unwrap();
    assert_eq!(text, plain.body);
    assert_ne!(tag(&small), tag(&plain));
    for head in ["Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: br\r\n"] {
        assert_eq!(get(&server, "/package/list", head).header("content-encoding"), None, "{head}");
    }
    // A package is compressed already.
    let package = get(&server, "/package/download?id=org.example.hello1", "Accept-Encoding: gzip\r\n");
    assert_eq!(package.header("content-encoding"), None);
}

#[test]
fn a_list_is_never_older_than_the_last_upload() {
    let server = Running::start();
    let count = |category: &str| {
        server.get(&format!("/package/list?category={category}")).json().as_array().unwrap().len()
    };
    for number in 0..5 {
        assert_eq!((count(""), count("nowhere")), (number, 0));
        server.add(&PackageBuilder::hello().id(&format!("org.example.hello{number}")).build());
        assert_eq!(count(""), number + 1);
    }
    server.post("/package/remove", "id=org.example.hello3");
    assert_eq!(count(""), 4);
}

#[test]
fn a_pipeline_is_answered_in_its_order() {
    let (server, package) = with_hello();
    let mut stream = connect(server.address);
    for number in 0..20 {
        let range = format!("Range: bytes={number}-{}", number + 9);
        write!(
            stream,
            "GET {HELLO} HTTP/1.1\r\nHost: test\r\n{range}\r\n\r\n\
             GET /hello?project-id=PROJECT HTTP/1.1\r\nHost: test\r\n\r\n"
        )
        .unwrap();
    }
    let mut reader = BufReader::new(stream);
    for number in 0..20 {
        assert!(answer(&mut reader, true).body == package[number..number + 10], "{number}");
        assert_eq!(answer(&mut reader, true).body, br#"{"status":"ok"}"#);
    }
}

#[test]
fn a_name_with_anything_in_it_can_be_saved() {
    let server = Running::start();
    server.add(&PackageBuilder::hello().id("a b;c%41").build());
    let answer = server.get("/package/download?id=a%20b%3Bc%2541");
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"a b;c_41_all.ampkg\"; filename*=UTF-8''a%20b%3Bc%2541_all.ampkg")
    );
}

#[test]
fn what_was_removed_is_closed() {
    let (server, _) = with_hello();
    server.get(HELLO);
    server.get("/package/icon?id=org.example.hello");
    let open = || {
        let files = std::fs::read_dir("/proc/self/fd").unwrap();
        let names = files.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
        names.filter(|name| name.starts_with(server.data.path().join(".amps/blobs"))).count()
    };
    assert_eq!(open(), 2);
    server.post("/package/remove", "id=org.example.hello");
    eventually(|| (open() == 0).then_some(()));
    assert_eq!(server.get(HELLO).status, 404);
}
