//! The types of icons.

use amps_testkit::{Archive, Gzip, PackageBuilder, TarEntry, digest};

use crate::running::Running;

/// A package whose icon is called so.
fn with_icon(name: &str) -> Vec<u8> {
    let manifest = format!(
        "formatType: am-package\nformatVersion: 1\n---\nid: a\nicon: '{name}'\nname: {{ en: x }}\n\
         applications: [ {{ id: a, code: main.qml, runtime: qml }} ]\n"
    );
    let mut entries = PackageBuilder::hello().id("a").manifest(&manifest).all_entries();
    entries[2] = TarEntry::file(name, format!("bytes of {name}"));
    let last = entries.len() - 1;
    let digest = digest(&entries[1..last]);
    entries[last] = PackageBuilder::hello().digest(&digest).all_entries().pop().unwrap();
    Gzip::new().pack(&Archive::of(&entries).end())
}

#[test]
fn an_icon_has_the_type_that_its_name_stands_for() {
    let server = Running::start();
    for (name, kind) in [
        ("icon.png", "image/png"),
        ("Icon.PNG", "image/png"),
        ("icon.svg", "image/svg+xml"),
        ("icon.jpg", "image/jpeg"),
        ("icon.jpeg", "image/jpeg"),
        ("icon.webp", "image/webp"),
        ("icon.html", "application/octet-stream"),
        ("icon.png.exe", "application/octet-stream"),
        ("icon", "application/octet-stream"),
    ] {
        server.add(&with_icon(name));
        let answer = server.get("/package/icon?id=a");
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{name}");
        assert_eq!(answer.body, format!("bytes of {name}").as_bytes());
    }
}
