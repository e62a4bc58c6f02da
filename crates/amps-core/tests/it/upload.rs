//! Taking packages in.

use std::io::{self, Read};

use amps_core::{DeviceView, Error, Timestamp, UploadResult};
use amps_testkit::{PackageBuilder, TarEntry};

use crate::world::{World, blob_id, fixture, native, package};

#[test]
fn a_package_is_added_then_unchanged_then_updated() {
    let world = World::new();
    let open = world.open();
    let (one, two) = (package("a", "1"), package("a", "2"));
    for (bytes, result, event) in [
        (&one, UploadResult::Added, "added a [all]"),
        (&one, UploadResult::Unchanged, "unchanged a [all]"),
        (&two, UploadResult::Updated, "updated a [all]"),
        (&one, UploadResult::Updated, "updated a [all]"),
    ] {
        let upload = open.upload(bytes.as_slice()).unwrap();
        assert_eq!((upload.result, upload.id.as_str(), upload.architecture.as_str()), (result, "a", "all"));
        assert_eq!(world.events.take(), [event]);
        assert_eq!(open.download("a").unwrap(), *bytes);
        open.assert_consistent(&world);
    }
    assert_eq!(open.releases(), ["a [all] 1"]);
    assert_eq!(world.names(), ["a_all.ampkg"]);
}

#[test]
fn an_unchanged_package_leaves_the_catalog_alone() {
    let world = World::new();
    let open = world.open();
    let bytes = package("a", "1");
    open.upload(bytes.as_slice()).unwrap();
    let generation = open.catalog.generation().unwrap();
    open.upload(bytes.as_slice()).unwrap();
    assert_eq!(open.catalog.generation().unwrap(), generation);
}

#[test]
fn architectures_of_one_id_stand_beside_each_other() {
    let world = World::new();
    let open = world.open();
    for bytes in [package("a", "1"), native("a", "2", "linux-aarch64"), native("a", "3", "linux-x86_64")] {
        assert_eq!(open.upload(bytes.as_slice()).unwrap().result, UploadResult::Added);
    }
    assert_eq!(open.releases(), ["a [all] 1", "a [linux_arm_64] 2", "a [linux_x86_64] 3"]);
    open.assert_consistent(&world);
    for (architecture, version) in
        [(None, "1"), (Some("linux_arm_64"), "2"), (Some("linux_x86_64"), "3"), (Some("windows_x86_64"), "1")]
    {
        let view = DeviceView::package_server(architecture.map(|token| token.parse().unwrap()));
        let package = open.store.package(&"a".parse().unwrap(), &view).unwrap().unwrap();
        assert_eq!(package.release.facts.version, version, "{architecture:?}");
    }
}

#[test]
fn the_catalog_says_what_the_package_says() {
    let world = World::new();
    let open = world.open();
    let bytes = fixture("packages", "qt6/hello-dev1.ampkg");
    open.upload(bytes.as_slice()).unwrap();
    let [release] = open.catalog.releases().unwrap().try_into().unwrap();
    let facts = release.facts;
    assert_eq!(facts.id.as_str(), "org.example.hello");
    assert_eq!(facts.package.id, blob_id(&bytes));
    assert_eq!(facts.package.size_bytes, bytes.len() as u64);
    assert_eq!(facts.uploaded_at, Timestamp(1_700_000_000));
    assert_eq!(facts.uploaded_by, "a tester");
    assert!(facts.developer.as_ref().unwrap().subject.contains("CN="));
    assert!(!facts.has_store_signature);
    assert_eq!(facts.icon.as_ref().unwrap().media_type, "image/png");
    let documents = open.catalog.documents(release.sequence).unwrap().unwrap();
    assert!(documents.manifest.contains("org.example.hello"));
}

#[test]
fn releases_that_share_an_icon_keep_it_until_the_last_one_goes() {
    let world = World::new();
    let open = world.open();
    let with = |id, version| PackageBuilder::hello().id(id).version(version).build();
    for (id, version) in [("a", "1"), ("b", "1"), ("a", "2")] {
        open.upload(with(id, version).as_slice()).unwrap();
    }
    // Two packages and one icon.
    assert_eq!(open.blobs.list().unwrap().len(), 3);
    open.store.remove(&"a".parse().unwrap(), None, amps_core::Origin::Http).unwrap();
    assert!(open.store.icon(&"b".parse().unwrap(), &DeviceView::default()).unwrap().is_some());
    open.store.remove(&"b".parse().unwrap(), None, amps_core::Origin::Http).unwrap();
    assert_eq!(open.blobs.list().unwrap(), []);
    open.assert_consistent(&world);
}

#[test]
fn a_package_whose_icon_is_another_package_keeps_both() {
    let world = World::new();
    let open = world.open();
    let inner = package("inner", "1");
    let outer = PackageBuilder::hello().id("outer").icon(&inner).build();
    open.upload(inner.as_slice()).unwrap();
    open.upload(outer.as_slice()).unwrap();
    open.store.remove(&"outer".parse().unwrap(), None, amps_core::Origin::Http).unwrap();
    assert_eq!(open.download("inner").unwrap(), inner);
    open.upload(outer.as_slice()).unwrap();
    open.store.remove(&"inner".parse().unwrap(), None, amps_core::Origin::Http).unwrap();
    let icon = open.store.icon(&"outer".parse().unwrap(), &DeviceView::default()).unwrap().unwrap();
    assert_eq!(crate::world::bytes(&*icon.blob), inner);
    open.assert_consistent(&world);
}

/// Gives some bytes, then fails.
struct Failing<'a> {
    bytes: &'a [u8],
    kind: io::ErrorKind,
}

impl Read for Failing<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.bytes.read(into)? {
            0 => Err(io::Error::new(self.kind, "the line is dead")),
            bytes => Ok(bytes),
        }
    }
}

#[test]
fn a_source_that_fails_at_any_byte_leaves_nothing() {
    let world = World::new();
    let open = world.open();
    let (one, two) = (package("a", "1"), package("a", "2"));
    open.upload(one.as_slice()).unwrap();
    world.events.take();
    let before = open.snapshot(&world);
    for end in 0..=two.len() {
        let source = Failing { bytes: &two[..end], kind: io::ErrorKind::ConnectionReset };
        let error = open.upload(source).unwrap_err();
        assert!(matches!(error, Error::Source(_)), "after {end} bytes: {error:?}");
        assert_eq!(
            world.events.take(),
            ["refused a test: the package did not arrive: the line is dead"],
            "after {end} bytes"
        );
    }
    assert_eq!(open.snapshot(&world), before);
    open.assert_consistent(&world);
}

#[test]
fn a_source_may_give_its_bytes_as_it_likes() {
    /// Gives one byte at a time, and is interrupted before each.
    struct Stuttering<'a>(&'a [u8], bool);
    impl Read for Stuttering<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            let end = into.len().min(1);
            if self.1 { Err(io::ErrorKind::Interrupted.into()) } else { self.0.read(&mut into[..end]) }
        }
    }
    let world = World::new();
    let open = world.open();
    let bytes = package("a", "1");
    open.upload(Stuttering(&bytes, false)).unwrap();
    assert_eq!(open.download("a").unwrap(), bytes);
}

#[test]
fn a_package_that_is_legal_but_odd_is_taken_with_a_warning() {
    let world = World::new();
    let open = world.open();
    let builder = PackageBuilder::hello().id("odd");
    let mut entries = builder.all_entries();
    entries.swap(1, 2);
    let files: Vec<TarEntry> = entries[1..entries.len() - 1].to_vec();
    let digest = amps_testkit::digest(&files);
    *entries.last_mut().unwrap() = PackageBuilder::hello().digest(&digest).all_entries().pop().unwrap();
    let bytes = amps_testkit::Gzip::new().pack(&amps_testkit::Archive::of(&entries).end());
    let upload = open.upload(bytes.as_slice()).unwrap();
    assert_eq!(upload.warnings.len(), 1, "{:?}", upload.warnings);
    let events = world.events.take();
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(events[0], "added odd [all]");
    assert!(events[1].starts_with("warned a test: "), "{events:?}");
}

#[test]
fn a_damaged_blob_is_whole_again_after_the_same_upload() {
    let world = World::new();
    let open = world.open();
    let bytes = package("a", "1");
    open.upload(bytes.as_slice()).unwrap();
    let file = world.file("a_all.ampkg");
    let same_size = vec![0x55; bytes.len()];
    for damage in [&bytes[..10], b"", &same_size] {
        crate::world::overwrite(&file, damage);
        assert_eq!(open.upload(bytes.as_slice()).unwrap().result, UploadResult::Unchanged);
        assert_eq!(open.download("a").unwrap(), bytes);
        open.assert_consistent(&world);
    }
    std::fs::remove_dir_all(world.path().join(".amps/blobs")).unwrap();
    std::fs::create_dir(world.path().join(".amps/blobs")).unwrap();
    assert_eq!(open.upload(bytes.as_slice()).unwrap().result, UploadResult::Unchanged);
    open.assert_consistent(&world);
}

#[test]
fn what_lies_in_the_way_of_a_link_is_a_warning_only() {
    let world = World::new();
    let open = world.open();
    std::fs::create_dir_all(world.file("a_all.ampkg").join("full")).unwrap();
    let bytes = package("a", "1");
    open.upload(bytes.as_slice()).unwrap();
    let events = world.events.take();
    assert!(
        events
            .iter()
            .any(|event| event.starts_with("warned a_all.ampkg: it is in the store, but not in .packages: ")),
        "{events:?}"
    );
    assert_eq!(open.download("a").unwrap(), bytes);
    drop(open);
    std::fs::remove_dir_all(world.file("a_all.ampkg")).unwrap();
    let (open, events) = world.restart();
    assert_eq!(events, ["added a [all]"]);
    open.assert_consistent(&world);
}

#[test]
fn a_link_out_of_the_folder_is_replaced_not_followed() {
    let world = World::new();
    let open = world.open();
    let outside = world.path().join("outside");
    std::fs::write(&outside, "mine").unwrap();
    std::os::unix::fs::symlink(&outside, world.file("a_all.ampkg")).unwrap();
    open.upload(package("a", "1").as_slice()).unwrap();
    assert_eq!(std::fs::read(&outside).unwrap(), b"mine");
    open.assert_consistent(&world);
}
