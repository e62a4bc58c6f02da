//! The same content gives the same digest as it gave the reference packager.

use std::{fs, io::Read as _};

use ampkg::{DigestForm, Header, Tree, VerifiedPackage, yaml::Map};
use flate2::read::GzDecoder;
use tempfile::TempDir;

use crate::fixtures::{fixture, verify};

/// The files of a package in a folder; `tar` here is a crate that knows nothing of packages.
fn unpacked(name: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let package = fixture(name);
    let mut archive = tar::Archive::new(GzDecoder::new(package.as_slice()));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        if !path.to_string_lossy().starts_with("--") {
            let mut data = Vec::new();
            entry.read_to_end(&mut data).unwrap();
            fs::write(folder.path().join(path), data).unwrap();
        }
    }
    folder
}

fn rebuilt(name: &str, form: DigestForm) -> (Header, VerifiedPackage, VerifiedPackage) {
    let reference = verify(&fixture(name)).unwrap();
    let folder = unpacked(name);
    let tree = Tree::scan(folder.path(), None).unwrap();
    let header = tree.header(Map::new(), reference.header.extra_signed.clone().unwrap_or_default());
    let (tar, digest) = tree.write(Vec::new(), &header, form).unwrap();
    let ours = verify(&amps_testkit::Gzip::new().pack(&tar)).unwrap();
    assert_eq!(ours.footer.digest, digest);
    (header, ours, reference)
}

#[test]
fn hello_has_the_digest_of_the_reference() {
    let (header, ours, reference) = rebuilt("qt6/hello.ampkg", DigestForm::Qt6);
    assert_eq!(
        ours.footer.digest.to_string(),
        "e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8"
    );
    assert_eq!(header.disk_space_used_bytes, 577_536);
    assert_eq!((&ours.header, &ours.entries), (&reference.header, &reference.entries));
}

#[test]
fn signed_metadata_has_the_digest_of_either_reference() {
    for (name, form, digest) in [
        (
            "qt6/signed-types.ampkg",
            DigestForm::Qt6,
            "b65c1d6c7cd75ef616ef123f8a282309f6e753ba55c0c28ff87a1025ec614848",
        ),
        (
            "qt5/extra5-many-keys.ampkg",
            DigestForm::Qt5,
            "30a8a207036a6bec9b87a49fff411f1f66785b65dbe954492c8ed6b7ab9ce5c5",
        ),
    ] {
        let (header, ours, reference) = rebuilt(name, form);
        assert_eq!(ours.footer.digest.to_string(), digest, "{name}");
        assert_eq!(ours.digest_fit(), reference.digest_fit(), "{name}");
        assert_eq!((&header, &ours.entries), (&reference.header, &reference.entries), "{name}");
    }
}

#[test]
fn the_other_form_has_another_digest() {
    let (_, ours, reference) = rebuilt("qt5/extra5-many-keys.ampkg", DigestForm::Qt6);
    assert_ne!(ours.footer.digest, reference.footer.digest);
    assert_eq!(ours.digests, reference.digests);
}

#[test]
fn our_header_and_footer_read_like_those_of_the_reference() {
    let texts = |tar: &[u8]| -> Vec<String> {
        let mut archive = tar::Archive::new(tar);
        let entries = archive.entries().unwrap().map(Result::unwrap);
        entries
            .filter(|entry| entry.path_bytes().starts_with(b"--PACKAGE-"))
            .map(|mut entry| {
                let mut text = String::new();
                entry.read_to_string(&mut text).unwrap();
                text
            })
            .collect()
    };
    let package = fixture("qt6/hello.ampkg");
    let mut theirs = Vec::new();
    GzDecoder::new(package.as_slice()).read_to_end(&mut theirs).unwrap();
    let folder = unpacked("qt6/hello.ampkg");
    let tree = Tree::scan(folder.path(), None).unwrap();
    let (ours, _) = tree.write(Vec::new(), &tree.header(Map::new(), Map::new()), DigestForm::Qt6).unwrap();
    assert_eq!(texts(&ours), texts(&theirs));
}
