//! Sources that give a package in pieces or not at all, and what a visitor sees of it.

use std::{
    cell::Cell,
    io::{self, Read},
};

use ampkg::{Entry, EntryKind, Error, Header, Limits, Manifest, Visitor, Warning, read};
use amps_testkit::{PackageBuilder, TarEntry};

use crate::fixtures::{fixture, fixture_names, verify};

/// Gives a byte at a time, and is interrupted between any two.
struct Slow<'a> {
    rest: &'a [u8],
    interrupted: bool,
}

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = into.len().min(1);
        self.rest.read(&mut into[..length])
    }
}

/// Fails after its bytes.
struct Failing<'a>(&'a [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into)? {
            0 => Err(io::Error::new(io::ErrorKind::ConnectionReset, "the other side is gone")),
            bytes => Ok(bytes),
        }
    }
}

#[test]
fn a_byte_at_a_time_gives_the_same_verdict() {
    let limits = Limits { unpacked_bytes: 64 << 20, ..Limits::default() };
    for name in fixture_names() {
        let package = fixture(&name);
        let whole = read(package.as_slice(), &limits, &mut ());
        let slow = read(Slow { rest: &package, interrupted: false }, &limits, &mut ());
        assert_eq!(format!("{slow:?}"), format!("{whole:?}"), "{name}");
    }
}

#[test]
fn a_source_that_fails_is_reported_as_such() {
    let package = PackageBuilder::hello().build();
    for length in 0..=package.len() {
        match read(Failing(&package[..length]), &Limits::default(), &mut ()) {
            Err(Error::Read(error)) => assert_eq!(error.to_string(), "the other side is gone"),
            other => panic!("{length}: {other:?}"),
        }
    }
}

/// Writes down what it sees.
#[derive(Default)]
struct Log(Vec<String>);

impl Visitor for Log {
    fn entry(&mut self, entry: &Entry) {
        self.0.push(entry.path.to_string());
        if entry.kind == EntryKind::File {
            self.0.push(String::new());
        }
    }

    fn data(&mut self, bytes: &[u8]) {
        self.0.last_mut().unwrap().push_str(std::str::from_utf8(bytes).unwrap());
    }

    fn end_file(&mut self) {
        self.0.last_mut().unwrap().push('.');
    }
}

#[test]
fn a_visitor_sees_the_files_and_nothing_else() {
    let package = PackageBuilder::hello()
        .manifest(MANIFEST)
        .icon("i")
        .directory("d")
        .file("d/f", "")
        .file("g", "x".repeat(300_000))
        .build();
    let mut log = Log::default();
    read(package.as_slice(), &Limits::default(), &mut log).unwrap();
    let g = format!("{}.", "x".repeat(300_000));
    let code = "import QtQuick\nItem {}\n.";
    let manifest = format!("{MANIFEST}.");
    assert!(
        log.0 == ["info.yaml", &manifest, "icon.png", "i.", "main.qml", code, "d", "d/f", ".", "g", &g],
        "{:?}",
        log.0
    );
}

const MANIFEST: &str = "formatVersion: 1\nformatType: am-package\n---\nid: org.example.hello\n\
    applications:\n- { id: a, code: main.qml, runtime: qml }\n";

/// Writes down how far it is, each time with how much of the source was read.
struct Milestones<'a> {
    read_bytes: &'a Cell<usize>,
    seen: Vec<(String, usize)>,
}

impl Milestones<'_> {
    fn note(&mut self, what: String) {
        self.seen.push((what, self.read_bytes.get()));
    }
}

impl Visitor for Milestones<'_> {
    fn header(&mut self, header: &Header) {
        self.note(format!("header of {}", header.package_id));
    }

    fn entry(&mut self, entry: &Entry) {
        self.note(entry.path.to_string());
    }

    fn data(&mut self, _: &[u8]) {}
    fn end_file(&mut self) {}

    fn manifest(&mut self, manifest: &Manifest) {
        self.note(format!("manifest of {}", manifest.id));
    }

    fn end(&mut self) {
        self.note("end".into());
    }
}

/// Counts what is taken of it, a little at a time.
struct Counted<'a> {
    rest: &'a [u8],
    read_bytes: &'a Cell<usize>,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = into.len().min(1024);
        let bytes = self.rest.read(&mut into[..length])?;
        self.read_bytes.set(self.read_bytes.get() + bytes);
        Ok(bytes)
    }
}

fn milestones(package: &[u8]) -> (Result<(), Error>, Vec<(String, usize)>) {
    let read_bytes = Cell::new(0);
    let mut visitor = Milestones { read_bytes: &read_bytes, seen: Vec::new() };
    let source = Counted { rest: package, read_bytes: &read_bytes };
    let result = read(source, &Limits::default(), &mut visitor);
    (result.map(drop), visitor.seen)
}

fn names(seen: &[(String, usize)]) -> Vec<&str> {
    seen.iter().map(|(what, _)| what.as_str()).collect()
}

#[test]
fn a_visitor_knows_header_and_manifest_before_the_rest_has_come() {
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..1_000_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .collect();
    let package = PackageBuilder::hello().manifest(MANIFEST).file("noise", noise).build();
    let (result, seen) = milestones(&package);
    result.unwrap();
    let expected = [
        "header of org.example.hello",
        "info.yaml",
        "manifest of org.example.hello",
        "icon.png",
        "main.qml",
        "noise",
        "end",
    ];
    assert_eq!(names(&seen), expected);
    assert!(seen[2].1 < package.len() / 2, "{} of {}", seen[2].1, package.len());
    assert_eq!(seen[6].1, package.len());
}

#[test]
fn a_visitor_is_told_of_nothing_that_is_not_so() {
    for (name, expected) in [
        ("bad/not-an-archive.ampkg", &[][..]),
        ("bad/header-not-yaml.ampkg", &[]),
        ("bad/info-not-utf8.ampkg", &["header", "info.yaml"]),
        ("bad/missing-footer.ampkg", &["header", "info.yaml", "manifest", "icon.png", "main.qml", "end"]),
        ("bad/trailing-garbage.ampkg", &["header", "info.yaml", "manifest", "icon.png", "main.qml"]),
        ("bad/gzip-crc.ampkg", &["header", "info.yaml", "manifest", "icon.png", "main.qml"]),
    ] {
        let (result, seen) = milestones(&fixture(name));
        result.unwrap_err();
        let seen = names(&seen);
        let seen: Vec<_> = seen.iter().map(|what| what.split(' ').next().unwrap()).collect();
        assert_eq!(seen, expected, "{name}");
    }
}

#[test]
fn the_icon_is_found_wherever_it_stands() {
    let package = |order: &[usize], icon: &str| {
        let builder = PackageBuilder::hello().manifest(&format!("{MANIFEST}icon: '{icon}'\n"));
        let [_, manifest, png, code, _] = builder.all_entries().try_into().unwrap();
        let files = [manifest, png, code, TarEntry::directory("ä"), TarEntry::file("ä/ö.png", "umlaut")];
        let files: Vec<_> = order.iter().map(|&at| files[at].clone()).collect();
        let digest = amps_testkit::digest(&files);
        let mut entries = PackageBuilder::hello().digest(&digest).all_entries();
        entries.splice(1..4, files);
        amps_testkit::Gzip::new().pack(&amps_testkit::Archive::of(&entries).end())
    };
    let first_files = |icon: &str| vec![Warning::FirstFiles { icon: icon.into() }];
    for (order, icon, path, warnings) in [
        (&[0, 1, 2, 3, 4][..], "icon.png", Some("icon.png"), vec![]),
        (&[0, 1, 2, 3, 4], "./icon.png", Some("icon.png"), vec![]),
        (&[0, 3, 4, 1, 2], "ä/ö.png", Some("ä/ö.png"), vec![]),
        (&[0, 3, 4, 1, 2], "a\u{308}/o\u{308}.png", Some("ä/ö.png"), vec![]),
        (&[1, 0, 2, 3, 4], "icon.png", Some("icon.png"), first_files("icon.png")),
        (&[2, 1, 3, 4, 0], "icon.png", Some("icon.png"), first_files("icon.png")),
        (&[3, 4, 2, 0], "ä/ö.png", Some("ä/ö.png"), first_files("ä/ö.png")),
    ] {
        let package = verify(&package(order, icon)).unwrap();
        assert_eq!(package.icon.as_ref().map(|icon| icon.path.as_written()), path, "{order:?} {icon}");
        assert_eq!(package.warnings, warnings, "{order:?} {icon}");
    }
    let package = verify(&package(&[0, 1, 2], "other.png")).unwrap();
    let no_icon = Warning::NoIcon { icon: "other.png".into() };
    assert_eq!(
        (package.icon.as_ref(), &package.warnings[..]),
        (None, &[first_files("other.png"), vec![no_icon]].concat()[..])
    );
}

#[test]
fn an_icon_that_devices_refuse_is_warned_of() {
    for (bytes, warnings) in [(262_144, vec![]), (262_145, vec![Warning::LargeIcon { bytes: 262_145 }])] {
        let package = verify(&PackageBuilder::hello().icon(vec![1; bytes]).build()).unwrap();
        assert_eq!(package.warnings, warnings);
        assert_eq!(package.icon.as_ref().unwrap().bytes.len(), bytes);
    }
}

#[test]
fn an_icon_behind_too_much_else_is_not_kept() {
    let limits = Limits { icon_bytes: 100, ..Limits::default() };
    let mut entries = PackageBuilder::hello().all_entries();
    entries.insert(1, TarEntry::file("large", [1; 80]));
    entries.swap(2, 3);
    let package = amps_testkit::Gzip::new().pack(&amps_testkit::Archive::of(&entries).end());
    let package = read(package.as_slice(), &limits, &mut ()).unwrap();
    let icon = "icon.png".to_owned();
    assert_eq!(
        package.as_unverified().warnings,
        [Warning::FirstFiles { icon: icon.clone() }, Warning::IconNotKept { icon }]
    );
}
