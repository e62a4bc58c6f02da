//! What whoever watches an upload is told of its checks, and when.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    path::PathBuf,
    sync::{Arc, Mutex},
};

use amps_core::{
    CertificateFiles, Check, Error, PackageId, Security, Store, StoreSigning, Verdict, Watch,
    accounts::{PackageScope, VendorCertificate},
};
use amps_testkit::PackageBuilder;

use crate::world::{World, fixture, from, package};

fn pki(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../fixtures/pki", name].iter().collect()
}

/// A store that verifies developers.
fn verifying(world: &World) -> Store {
    let files = CertificateFiles {
        developer_cas: vec![pki("devca.crt"), pki("ca.crt")],
        ..CertificateFiles::default()
    };
    let developers = files.load(World::now()).unwrap().developers;
    world.store(|parts| parts.developers = developers)
}

/// What was told, in its order.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<(Check, Verdict)>>>);

impl Told {
    fn watch(&self) -> Watch {
        let told = Arc::clone(&self.0);
        Watch::by(Arc::new(move |check, verdict| told.lock().unwrap().push((check, verdict))))
    }

    fn take(&self) -> Vec<(Check, Verdict)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn checks(&self) -> Vec<Check> {
        self.0.lock().unwrap().iter().map(|(check, _)| *check).collect()
    }
}

/// A line for each of `checks`, in their order; each was told once at most.
fn lines(checks: &[Check], told: Vec<(Check, Verdict)>) -> Vec<String> {
    let count = told.len();
    let told: BTreeMap<String, Verdict> =
        told.into_iter().map(|(check, verdict)| (format!("{check:?}"), verdict)).collect();
    assert_eq!(told.len(), count, "something was told twice");
    let line = |check: &Check| match told.get(&format!("{check:?}")) {
        Some(Verdict::Passed { detail: Some(detail) }) => format!("{check:?} passed: {detail}"),
        Some(Verdict::Passed { detail: None }) => format!("{check:?} passed"),
        Some(Verdict::Failed { reason }) => format!("{check:?} FAILED: {reason}"),
        Some(Verdict::Skipped { reason }) => format!("{check:?} skipped: {reason}"),
        None => format!("{check:?} -"),
    };
    let lines: Vec<_> = checks.iter().map(line).collect();
    let silent = lines.iter().filter(|line| line.ends_with(" -")).count();
    assert_eq!(lines.len() - silent, count, "something else was told: {told:?}");
    lines
}

/// What is told of an upload of `package` within `scope`.
fn upload(store: &Store, package: &[u8], scope: &[&str]) -> String {
    let told = Told::default();
    let scope = PackageScope::new(scope.iter().map(|pattern| pattern.parse().unwrap()).collect()).unwrap();
    let uploaded = store.upload_watched(package, &from(), &scope, &told.watch());
    let told = told.take();
    let failed = told.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Failed { .. })).count();
    assert_eq!(failed, usize::from(uploaded.is_err()));
    lines(&Check::OF_EVERY_UPLOAD, told).join("\n")
}

#[test]
fn every_check_of_a_signed_package_passes() {
    let world = World::new();
    let store = verifying(&world);
    let dev1 = fixture("packages", "qt6/hello-dev1.ampkg");
    insta::assert_snapshot!(upload(&store, &dev1, &["org.example.*"]), @"
    Format passed
    Structure passed: 3 files and folders
    Manifest passed: org.example.hello in version `1.0`
    Digest passed: e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8
    Architecture passed: for every architecture
    StoreSignature skipped: the package has none, and needs none
    Scope passed
    DeveloperSignature passed: signed by `emailAddress=dev1@example.org,CN=Developer 1,O=Example Developer 1,C=DE`
    Publication passed: release 1: it is new
    ");
    insta::assert_snapshot!(upload(&store, &dev1, &[]), @"
    Format passed
    Structure passed: 3 files and folders
    Manifest passed: org.example.hello in version `1.0`
    Digest passed: e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8
    Architecture passed: for every architecture
    StoreSignature skipped: the package has none, and needs none
    Scope skipped: whoever brings it may bring every package
    DeveloperSignature passed: signed by `emailAddress=dev1@example.org,CN=Developer 1,O=Example Developer 1,C=DE`
    Publication passed: release 1: it was there already, byte for byte
    ");
}

#[test]
fn an_unsigned_package_has_no_signature_that_passed() {
    let world = World::new();
    let hello = fixture("packages", "qt6/hello.ampkg");
    insta::assert_snapshot!(upload(&world.open().store, &hello, &[]), @"
    Format passed
    Structure passed: 3 files and folders
    Manifest passed: org.example.hello in version `1.0`
    Digest passed: e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8
    Architecture passed: for every architecture
    StoreSignature skipped: the package has none, and needs none
    Scope skipped: whoever brings it may bring every package
    DeveloperSignature skipped: the package has none, and needs none: this store has no certificates to verify developers with
    Publication passed: release 1: it is new
    ");
    insta::assert_snapshot!(upload(&verifying(&world), &hello, &[]), @"
    Format passed
    Structure passed: 3 files and folders
    Manifest passed: org.example.hello in version `1.0`
    Digest passed: e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8
    Architecture passed: for every architecture
    StoreSignature skipped: the package has none, and needs none
    Scope skipped: whoever brings it may bring every package
    DeveloperSignature FAILED: no developer signature
    Publication -
    ");
}

#[test]
fn signatures_that_nobody_verifies_did_not_pass() {
    let world = World::new();
    let package = fixture("packages", "qt6/hello-dev1-store-hw.ampkg");
    insta::assert_snapshot!(upload(&world.open().store, &package, &[]), @"
    Format passed
    Structure passed: 3 files and folders
    Manifest passed: org.example.hello in version `1.0`
    Digest passed: e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8
    Architecture passed: for every architecture
    StoreSignature skipped: the package has one that nobody has verified: devices get it as it is
    Scope skipped: whoever brings it may bring every package
    DeveloperSignature skipped: it says that `emailAddress=dev1@example.org,CN=Developer 1,O=Example Developer 1,C=DE` has signed it, which nobody has verified: this store has no certificates to verify developers with
    Publication passed: release 1: it is new
    ");
    let files = CertificateFiles {
        store: Some(pki("store.p12")),
        store_password: Some("password".into()),
        ..CertificateFiles::default()
    };
    let signing = files.load(World::now()).unwrap().store.map(StoreSigning::new);
    let store = world.store(|parts| parts.signing = signing);
    let told = upload(&store, &package, &[]);
    assert!(told.contains("devices get one of this store instead"), "{told}");
}

#[test]
fn what_fails_is_told_with_what_came_before_it() {
    let world = World::new();
    let store = verifying(&world);
    let mut told = String::new();
    for name in [
        "bad/not-an-archive.ampkg",
        "bad/missing-footer.ampkg",
        "bad/header-other-id.ampkg",
        "bad/tampered-file.ampkg",
        "bad/mixed-architectures.ampkg",
        "bad/signature-not-cms.ampkg",
        "qt6/hello-other.ampkg",
    ] {
        told = format!("{told}--- {name}\n{}\n", upload(&store, &fixture("packages", name), &[]));
    }
    let out_of_scope = upload(&store, &fixture("packages", "qt6/hello-dev1.ampkg"), &["com.other"]);
    told = format!("{told}--- out of scope\n{out_of_scope}\n");
    insta::assert_snapshot!(told, @"
    --- bad/not-an-archive.ampkg
    Format FAILED: not a gzip-compressed file: it begins with 74 68 69 73
    Structure -
    Manifest -
    Digest -
    Architecture -
    StoreSignature -
    Scope -
    DeveloperSignature -
    Publication -
    --- bad/missing-footer.ampkg
    Format passed
    Structure FAILED: the package has no footer
    Manifest passed: org.example.hello in version `1.0`
    Digest -
    Architecture -
    StoreSignature -
    Scope -
    DeveloperSignature -
    Publication -
    --- bad/header-other-id.ampkg
    Format passed
    Structure passed: 3 files and folders
    Manifest FAILED: the header names the package `other.id`, the manifest `org.example.hello`
    Digest -
    Architecture -
    StoreSignature -
    Scope -
    DeveloperSignature -
    Publication -
    --- bad/tampered-file.ampkg
    Format passed
    Structure passed: 3 files and folders
    Manifest passed: org.example.hello in version `1.0`
    Digest FAILED: package digest mismatch: it is 958b79438d2066d24c9dcd45e03f96279e72fd0dce4e95be2d6169e6841762f4, but should be e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8
    Architecture -
    StoreSignature -
    Scope -
    DeveloperSignature -
    Publication -
    --- bad/mixed-architectures.ampkg
    Format passed
    Structure passed: 5 files and folders
    Manifest passed: org.example.hello in version `1.0`
    Digest passed: 9a43e3ee2cc9b7ff707370c6dfff19c2a47b2da7970c2c3a31fb28fd2986ca1b
    Architecture FAILED: mixed architectures: linux_x86_64 and linux_arm_64
    StoreSignature -
    Scope -
    DeveloperSignature -
    Publication -
    --- bad/signature-not-cms.ampkg
    Format passed
    Structure passed: 3 files and folders
    Manifest passed: org.example.hello in version `1.0`
    Digest passed: e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8
    Architecture passed: for every architecture
    StoreSignature -
    Scope -
    DeveloperSignature FAILED: the developer signature is not one: the signature is not a well-formed CMS message: unexpected ASN.1 DER tag: expected SEQUENCE, got APPLICATION [8] (constructed)
    Publication -
    --- qt6/hello-other.ampkg
    Format passed
    Structure passed: 3 files and folders
    Manifest passed: org.example.hello in version `1.0`
    Digest passed: e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8
    Architecture passed: for every architecture
    StoreSignature skipped: the package has none, and needs none
    Scope skipped: whoever brings it may bring every package
    DeveloperSignature FAILED: invalid developer signature: the signer is not trusted: the certificate of `emailAddress=other@example.org,CN=Other,O=Example Other,C=DE` was issued by `emailAddress=pki@example.org,CN=Example Other CA,OU=App Store,O=Example,C=DE`, which is not among the CA certificates
    Publication -
    --- out of scope
    Format passed
    Structure passed: 3 files and folders
    Manifest passed: org.example.hello in version `1.0`
    Digest passed: e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8
    Architecture passed: for every architecture
    StoreSignature skipped: the package has none, and needs none
    Scope FAILED: the token is not for the package `org.example.hello`
    DeveloperSignature -
    Publication -
    ");
}

#[test]
fn every_refused_package_has_failed_one_check_and_passed_none_behind_it() {
    let world = World::new();
    let store = verifying(&world);
    let expected: serde_json::Value = serde_json::from_slice(&fixture("packages", "expected.json")).unwrap();
    let mut seen = BTreeMap::new();
    for (name, expected) in expected.as_object().unwrap() {
        if expected["package_server"] != "reject" {
            continue;
        }
        let told = Told::default();
        let scope = PackageScope::default();
        let source = fixture("packages", name);
        let error = store.upload_watched(source.as_slice(), &from(), &scope, &told.watch()).unwrap_err();
        let Error::Refused(refusal) = &error else { panic!("{name}: {error}") };
        let told = told.take();
        let (last, verdict) = told.last().unwrap();
        assert_eq!((*last, verdict), (refusal.check(), &Verdict::Failed { reason: error.chain() }), "{name}");
        for (check, verdict) in &told[..told.len() - 1] {
            assert!(!matches!(verdict, Verdict::Failed { .. }), "{name}: {check:?}");
            assert_ne!(check, last, "{name}");
        }
        *seen.entry((refusal.class(), format!("{last:?}"))).or_insert(0) += 1;
    }
    let seen: Vec<_> = seen.into_keys().map(|(class, check)| format!("{class} is of {check}")).collect();
    insta::assert_snapshot!(seen.join("\n"), @"
    architecture is of Architecture
    digest is of Digest
    entry-type is of Structure
    format is of Format
    manifest is of Manifest
    metadata is of Manifest
    metadata is of Structure
    path is of Structure
    signature is of DeveloperSignature
    structure is of Structure
    ");
}

#[test]
fn what_is_wrong_with_the_source_is_no_verdict() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let world = World::new();
    let told = Told::default();
    let (store, scope) = (world.open().store, PackageScope::default());
    let error = store.upload_watched(Broken, &from(), &scope, &told.watch()).unwrap_err();
    assert!(matches!(error, Error::Source(_)), "{error}");
    assert_eq!(told.checks(), []);
}

/// Notes what is known whenever more of the package is wanted.
struct Observed<'a> {
    rest: &'a [u8],
    told: Told,
    seen: Vec<Vec<Check>>,
}

impl Read for &mut Observed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.seen.push(self.told.checks());
        let length = into.len().min(4096);
        self.rest.read(&mut into[..length])
    }
}

#[test]
fn nothing_is_told_before_it_is_so() {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    let noise: Vec<u8> = (0..1_000_000).map(|_| next()).collect();
    let package = PackageBuilder::hello().file("noise", noise).build();
    let world = World::new();
    let told = Told::default();
    let mut source = Observed { rest: &package, told: told.clone(), seen: Vec::new() };
    let (store, scope) = (world.open().store, PackageScope::default());
    store.upload_watched(&mut source, &from(), &scope, &told.watch()).unwrap();
    // Half way the manifest is known, and not until the source has ended anything else.
    assert_eq!(source.seen[0], []);
    assert_eq!(source.seen[source.seen.len() / 2], [Check::Manifest]);
    assert_eq!(source.seen.last().unwrap(), &[Check::Manifest]);
    let [manifest, format, structure, rest @ ..] = &*told.checks() else { panic!() };
    assert_eq!([*manifest, *format, *structure], [Check::Manifest, Check::Format, Check::Structure]);
    assert_eq!(rest, &Check::OF_EVERY_UPLOAD[3..]);
}

/// What is told of an upload to a deployment server; the vendor has `certificate`.
fn deploy(store: &Store, package: &[u8], security: Security, certificate: Option<&str>) -> String {
    let told = Told::default();
    let certificate = certificate.map(|name| VendorCertificate::read(&fs::read(pki(name)).unwrap()).unwrap());
    let staged = store.stage_for_deployment_watched(package, "a test", security, &told.watch());
    let published = staged.and_then(|staged| {
        staged.check_scope(None)?;
        staged.check_vendor(certificate.as_ref())?;
        store.publish_staged(staged, &from())
    });
    let told = told.take();
    let failed = told.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Failed { .. })).count();
    assert_eq!(failed, usize::from(published.is_err()));
    lines(&Check::OF_DEPLOYMENT_UPLOAD, told)[6..].join("\n")
}

#[test]
fn a_deployment_server_checks_more() {
    let world = World::new();
    let store = verifying(&world);
    let dev1 = fixture("packages", "qt6/hello-dev1.ampkg");
    insta::assert_snapshot!(deploy(&store, &dev1, Security::On, Some("dev1.crt")), @"
    DeploymentRules passed
    DeveloperSignature passed: signed by `emailAddress=dev1@example.org,CN=Developer 1,O=Example Developer 1,C=DE`
    Scope skipped: whoever brings it may bring every package
    Vendor passed
    Publication passed: release 1: it is new
    ");
    insta::assert_snapshot!(deploy(&store, &dev1, Security::On, Some("dev2.crt")), @"
    DeploymentRules passed
    DeveloperSignature passed: signed by `emailAddress=dev1@example.org,CN=Developer 1,O=Example Developer 1,C=DE`
    Scope skipped: whoever brings it may bring every package
    Vendor FAILED: the developer who signed is `emailAddress=dev1@example.org,CN=Developer 1,O=Example Developer 1,C=DE`: expected the vendor's certificate, of `emailAddress=dev2@example.org,CN=Developer 2,O=Example Developer 2,C=DE`
    Publication -
    ");
    insta::assert_snapshot!(deploy(&store, &dev1, Security::On, None), @"
    DeploymentRules passed
    DeveloperSignature passed: signed by `emailAddress=dev1@example.org,CN=Developer 1,O=Example Developer 1,C=DE`
    Scope skipped: whoever brings it may bring every package
    Vendor skipped: the vendor may sign with every certificate
    Publication passed: release 1: it was there already, byte for byte
    ");
    insta::assert_snapshot!(deploy(&store, &dev1, Security::Off, Some("dev2.crt")), @"
    DeploymentRules passed
    DeveloperSignature skipped: it says that `emailAddress=dev1@example.org,CN=Developer 1,O=Example Developer 1,C=DE` has signed it, which nobody has verified: signatures do not count here
    Scope skipped: whoever brings it may bring every package
    Vendor skipped: nobody has verified who signed
    Publication passed: release 1: it was there already, byte for byte
    ");
    let signed = fixture("packages", "qt6/hello-dev1-store-hw.ampkg");
    insta::assert_snapshot!(deploy(&store, &signed, Security::On, None), @"
    DeploymentRules FAILED: the package has a store signature already
    DeveloperSignature -
    Scope -
    Vendor -
    Publication -
    ");
}

#[test]
fn every_check_is_of_an_upload_to_a_deployment_server() {
    let [mut every, mut deployment] = [&Check::OF_EVERY_UPLOAD[..], &Check::OF_DEPLOYMENT_UPLOAD[..]]
        .map(|checks| checks.iter().map(|check| serde_json::to_string(check).unwrap()).collect::<Vec<_>>());
    every.extend(["\"deployment-rules\"".into(), "\"vendor\"".into()]);
    every.sort();
    deployment.sort();
    assert_eq!(every, deployment);
}

#[test]
fn names_of_hostile_packages_cannot_steer_whoever_reads_them() {
    let world = World::new();
    let package = package("a", &format!("\u{202e}{}", "x".repeat(5000)));
    let told = upload(&world.open().store, &package, &[]);
    assert!(told.len() < 2000 && !told.contains('\u{202e}'), "{told}");
    let id: PackageId = "a".parse().unwrap();
    assert!(told.contains(&format!("Manifest passed: {id} in version `")), "{told}");
}
