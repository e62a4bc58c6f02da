//! Developer signatures that are verified, and packages that are signed for a device.

use std::{fs, io::Write as _, num::NonZero, path::PathBuf, process::Command};

use ampkg::{ParallelGzip, VerifiedPackage};
use amps_core::{
    CertificateFiles, DeviceView, Error, HardwareId, Refusal, Store, StoreSigning, UploadResult, examine,
};
use amps_pki::{CertificateSet, SignatureInput, TrustAnchors, verify};
use amps_testkit::{Gzip, PackageBuilder};
use flate2::read::MultiGzDecoder;

use crate::world::{World, fixture, from};

fn pki(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../fixtures/pki", name].iter().collect()
}

fn files(developers: bool) -> CertificateFiles {
    CertificateFiles {
        store: Some(pki("store.p12")),
        store_password: Some("password".into()),
        developer_cas: if developers { vec![pki("devca.crt"), pki("ca.crt")] } else { Vec::new() },
        ..CertificateFiles::default()
    }
}

/// A store that signs, and verifies developers if that is asked for.
fn store(world: &World, developers: bool) -> Store {
    let loaded = files(developers).load(World::now()).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    world.store(|parts| {
        parts.developers = loaded.developers;
        parts.signing = loaded.store.map(StoreSigning::new);
    })
}

fn device(id: &str) -> HardwareId {
    HardwareId::new(id.into()).unwrap()
}

fn download(store: &Store, id: &str, architecture: Option<&str>, device: Option<&HardwareId>) -> Vec<u8> {
    let view = DeviceView::package_server(architecture.map(|token| token.parse().unwrap()));
    let signed = store.package_for_device(&id.parse().unwrap(), &view, device).unwrap().unwrap();
    let mut bytes = crate::world::bytes(&*signed.blob);
    bytes.truncate(usize::try_from(signed.keep_bytes).unwrap());
    bytes.extend(&*signed.end);
    assert_eq!(bytes.len() as u64, signed.size_bytes());
    bytes
}

fn read(package: &[u8]) -> VerifiedPackage {
    examine(package, &ampkg::Limits::default()).unwrap().verify().unwrap().package
}

/// Whether the store's signature in a package is one for this device.
fn is_for(package: &VerifiedPackage, device: Option<&HardwareId>) -> bool {
    let mut certificates = CertificateSet::new();
    certificates.add(&fs::read(pki("ca.crt")).unwrap()).unwrap();
    let input = SignatureInput::store(&package.footer.digest.0, device);
    let now = World::now().for_certificates().unwrap();
    let signature = package.footer.store_signature.as_deref().unwrap();
    verify(signature, &input, &TrustAnchors::new(certificates), now).is_ok()
}

#[test]
fn developers_are_verified_as_expected_json_has_it() {
    let expected: serde_json::Value = serde_json::from_slice(&fixture("packages", "expected.json")).unwrap();
    let mut verdicts = 0;
    for (name, expected) in expected.as_object().unwrap() {
        let Some(verdict) = expected["with_developer_verification"].as_str() else { continue };
        let world = World::new();
        let store = store(&world, true);
        let upload = store.upload(fixture("packages", name).as_slice(), &from());
        match verdict {
            "accept" => assert_eq!(upload.unwrap().result, UploadResult::Added, "{name}"),
            _ => match upload.unwrap_err() {
                Error::Refused(
                    refusal @ (Refusal::NoDeveloperSignature | Refusal::DeveloperSignature(_)),
                ) => {
                    assert_eq!(refusal.class(), "signature", "{name}");
                }
                other => panic!("{name}: {other}"),
            },
        }
        verdicts += 1;
    }
    assert!(verdicts > 40, "{verdicts}");
}

#[test]
fn a_signed_package_has_the_same_content_and_a_signature_for_its_device_alone() {
    let (one, other) = (device("device-0815"), device("Gerät 7"));
    for name in [
        "qt6/hello.ampkg",
        "qt6/hello-dev1.ampkg",
        "qt6/hello-store.ampkg",
        "qt6/hello-dev1-store-hw.ampkg",
        "qt5/extra5-many-keys-dev1.ampkg",
        "qt6/tree.ampkg",
        "qt6/zeros-8m.ampkg",
        "bad/multi-member-gzip.ampkg",
        "bad/pax-format.ampkg",
        "bad/gnu-long-name.ampkg",
        "bad/header-v1.ampkg",
    ] {
        let (world, package) = (World::new(), fixture("packages", name));
        let store = store(&world, false);
        let id = store.upload(package.as_slice(), &from()).unwrap().id;
        let uploaded = read(&package);
        let signed = download(&store, id.as_str(), None, Some(&one));
        let read_back = read(&signed);
        assert_eq!(read_back.entries, uploaded.entries, "{name}");
        assert_eq!(read_back.digests, uploaded.digests, "{name}");
        assert_eq!(read_back.footer.developer_signature, uploaded.footer.developer_signature, "{name}");
        assert_eq!(
            [Some(&one), Some(&other), None].map(|device| is_for(&read_back, device)),
            [true, false, false],
            "{name}"
        );
        let for_all = read(&download(&store, id.as_str(), None, None));
        assert_eq!([Some(&one), None].map(|device| is_for(&for_all, device)), [false, true], "{name}");
        assert_payload(&package, &signed, name);
        foreign_tools_accept(&signed);
    }
}

/// Everything before the footers is the same, byte for byte.
fn assert_payload(uploaded: &[u8], signed: &[u8], name: &str) {
    let [uploaded, signed] = [uploaded, signed].map(unpacked);
    let footer = b"--PACKAGE-FOOTER--";
    let payload = |tar: &[u8]| tar.windows(footer.len()).position(|window| window == footer).unwrap();
    assert!(uploaded[..payload(&uploaded)] == signed[..payload(&signed)], "{name}");
}

fn unpacked(package: &[u8]) -> Vec<u8> {
    // Without the padding of the reference, which this decoder does not take.
    let end = package.iter().rposition(|&byte| byte != 0).unwrap() + 1;
    let mut padded = package[..end].to_vec();
    loop {
        let mut tar = Vec::new();
        if std::io::Read::read_to_end(&mut MultiGzDecoder::new(padded.as_slice()), &mut tar).is_ok() {
            return tar;
        }
        padded.push(0); // the length at the end of a member may end in zeros
    }
}

fn foreign_tools_accept(package: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(package).unwrap();
    for (program, argument) in [("gzip", "-t"), ("tar", "-tz")] {
        let input = fs::File::open(file.path()).unwrap();
        let output = Command::new(program).arg(argument).stdin(input).output().unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn packages_in_many_shapes_are_signed() {
    let one = device("x");
    let noise: Vec<u8> =
        (0_u32..200_000).flat_map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let builder = PackageBuilder::hello().file("noise.bin", noise);
    let tar = builder.tar();
    let mut parallel = ParallelGzip::new(Vec::new(), NonZero::new(2).unwrap()).unwrap();
    parallel.write_all(&tar).unwrap();
    for package in [
        builder.build(),
        parallel.finish().unwrap(),
        Gzip::new().members(7).pack(&tar),
        Gzip::new().members(3).padding(10_240).pack(&tar),
        Gzip::new().level(0).pack(&tar),
        Gzip::new().level(1).pack(&tar),
        Gzip::new().level(9).pack(&tar),
    ] {
        let world = World::new();
        let store = store(&world, false);
        let id = store.upload(package.as_slice(), &from()).unwrap().id;
        let signed = download(&store, id.as_str(), None, Some(&one));
        assert!(is_for(&read(&signed), Some(&one)));
        assert_payload(&package, &signed, id.as_str());
        foreign_tools_accept(&signed);
    }
}

#[test]
fn a_device_gets_the_same_bytes_again() {
    let world = World::new();
    let store = store(&world, false);
    store.upload(fixture("packages", "qt6/hello.ampkg").as_slice(), &from()).unwrap();
    let get = |id: Option<&str>| download(&store, "org.example.hello", None, id.map(device).as_ref());
    let first = get(Some("a"));
    assert!(get(Some("b")) != first && get(None) != first);
    assert!(get(Some("a")) == first);
}

#[test]
fn what_was_taken_in_without_signing_can_be_signed() {
    let world = World::with([fixture("packages", "qt6/hello-dev1-store-hw.ampkg").as_slice()]);
    let store = store(&world, false);
    for _ in 0..2 {
        assert!(is_for(
            &read(&download(&store, "org.example.hello", None, Some(&device("d")))),
            Some(&device("d"))
        ));
    }
}

#[test]
fn without_a_key_a_package_is_given_as_it_is() {
    let package = fixture("packages", "qt6/hello.ampkg");
    let world = World::with([package.as_slice()]);
    let store = world.open().store;
    assert!(download(&store, "org.example.hello", None, Some(&device("d"))) == package);
}

#[test]
fn keys_and_certificates_that_cannot_be_used_are_named() {
    let now = World::now();
    let message = |change: &dyn Fn(&mut CertificateFiles)| {
        let mut files = files(true);
        change(&mut files);
        match files.load(now) {
            Ok(loaded) => loaded.warnings.join("; "),
            Err(error) => amps_core::chain(&error),
        }
    };
    assert_eq!(message(&|_| {}), "");
    for (change, expected) in [
        (
            &(|files: &mut CertificateFiles| files.store_password = Some("wrong".into()))
                as &dyn Fn(&mut CertificateFiles),
            "password",
        ),
        (&|files| files.store_password = None, "password"),
        (&|files| files.store = Some(pki("store-nokey.p12")), "key"),
        (&|files| files.store = Some(pki("ca.crt")), "cannot be used: "),
        (&|files| files.store = Some(pki("nowhere")), "cannot read `"),
        (&|files| files.store = Some(pki("dev-expired.p12")), "has been expired since 2020-"),
        (&|files| files.developer_cas.push(pki("dev-expired.crt")), "has been expired since 2020-"),
        (&|files| files.developer_cas = vec![pki("store.p12")], "cannot be used: "),
        (&|files| files.developer_crls = vec![pki("ca.crt")], "cannot be used: "),
        (
            &|files| {
                files.developer_cas.clear();
                files.developer_crls = vec![pki("ca.crl")];
            },
            "but no CA certificate for developers",
        ),
    ] {
        let found = message(change);
        assert!(found.contains(expected), "expected {expected}: {found}");
        assert!(!found.contains("wrong"), "{found}");
    }
}

#[test]
fn a_revoked_developer_is_refused_where_lists_say_so() {
    let world = World::new();
    let mut files = files(true);
    files.developer_crls = vec![pki("devca.crl"), pki("ca.crl")];
    let loaded = files.load(World::now()).unwrap();
    let store = world.store(|parts| parts.developers = loaded.developers);
    let refused = store.upload(fixture("packages", "qt6/hello-dev2.ampkg").as_slice(), &from()).unwrap_err();
    assert!(refused.chain().contains("revoked"), "{}", refused.chain());
    store.upload(fixture("packages", "qt6/hello-dev1.ampkg").as_slice(), &from()).unwrap();
}
