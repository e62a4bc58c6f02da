//! Downloads of packages that were packed in many ways: the payload is that of the upload, the end is signed for the device.

use std::{fs, process::Command};

use amps_testkit::PackageBuilder;

use crate::{
    running::Running,
    signed_scene::{anchors, download, footers_at, is_for, key, read, signing_with, unpacked},
    signed_tools::{foreign_tools_accept, python, run},
    verdicts::fixture,
};

const ID: &str = "org.example.hello";

/// Text, noise and zeros: some blocks of each kind, whoever packs it.
fn archive() -> Vec<u8> {
    let noise: Vec<u8> =
        (0_u32..20_000).flat_map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let text: String = (0..9_000)
        .flat_map(|line| ["line ".to_owned(), (line * line % 9_001).to_string(), "\n".to_owned()])
        .collect();
    let builder = PackageBuilder::hello().directory("d").file("d/text", text).file("noise", noise);
    builder.file("zeros", vec![0; 70_000]).file("empty", "").tar()
}

/// Uploads a package, looks at what three devices get, and shows it to programs that know nothing of amps.
fn check(server: &Running, name: &str, package: &[u8]) {
    let id = server.add(package)["id"].as_str().unwrap().to_owned();
    let devices = [Some("car-1"), Some("car-2"), None];
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("upload"), package).unwrap();
    let (uploaded, store) = (read(package).unwrap(), anchors(&["ca.crt"]));
    let uploaded_tar = unpacked(package);
    let payload = &uploaded_tar[..footers_at(&uploaded_tar)];
    for (index, device) in devices.into_iter().enumerate() {
        let signed = download(server, &id, device);
        let verified = read(&signed).unwrap_or_else(|error| panic!("{name}: {error}"));
        let valid_for = devices.map(|device| is_for(&verified, &store, device).is_ok());
        let expected = devices.map(|other| other == device);
        assert_eq!(valid_for, expected, "{name}, signed for {device:?}");
        assert_eq!(verified.package.entries, uploaded.package.entries, "{name}");
        assert_eq!(
            verified.package.footer.developer_signature, uploaded.package.footer.developer_signature,
            "{name}"
        );
        let tar = unpacked(&signed);
        assert!(tar[..footers_at(&tar)] == *payload, "{name}: the payload is another");
        let file = path(&format!("{index}.ampkg"));
        fs::write(&file, signed).unwrap();
        foreign_tools_accept(&file);
    }
    python("check", [path("upload"), path("0.ampkg"), path("1.ampkg"), path("2.ampkg")]);
}

fn server() -> Running {
    signing_with(key("store.p12", "password"))
}

#[test]
fn zlib_in_all_its_ways_stored_blocks_and_members_are_signed() {
    let folder = tempfile::tempdir().unwrap();
    let tar = folder.path().join("tar");
    fs::write(&tar, archive()).unwrap();
    python("make", [tar.as_os_str(), folder.path().as_os_str()]);
    let server = server();
    let mut shapes = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "ampkg") {
            check(&server, path.file_name().unwrap().to_str().unwrap(), &fs::read(&path).unwrap());
            shapes += 1;
        }
    }
    assert_eq!(shapes, 18);
}

#[test]
fn what_other_compressors_write_is_signed() {
    let folder = tempfile::tempdir().unwrap();
    let tar = folder.path().join("tar");
    fs::write(&tar, archive()).unwrap();
    let server = server();
    for (program, options) in [
        ("gzip", &["-c"][..]),
        ("gzip", &["-9c", "--rsyncable"]),
        ("pigz", &["-c"]),
        ("pigz", &["-c", "-b", "128", "-p", "4", "--independent"]),
        ("pigz", &["-c", "-b", "128", "-0"]),
        ("zopfli", &["-c", "--i1"]),
    ] {
        let package = run(Command::new(program).args(options).arg(&tar));
        assert!(unpacked(&package) == archive(), "{program}");
        check(&server, &format!("{program} {options:?}"), &package);
    }
}

#[test]
fn packages_that_are_signed_already_are_signed_anew() {
    let server = server();
    for name in [
        "qt6/hello-dev1.ampkg",
        "qt6/hello-store.ampkg",
        "qt6/hello-dev1-store-hw.ampkg",
        "qt6/hello-store-rsa4096-hw.ampkg",
        "qt5/hello5-dev1-store-hw.ampkg",
        "qt5/extra5-many-keys-dev1.ampkg",
        "qt6/tree.ampkg",
    ] {
        check(&server, name, &fixture(name));
    }
    // What the server gave is a package like any other.
    server.add(&fixture("qt6/hello-dev1.ampkg"));
    let mut package = download(&server, ID, Some("car-1"));
    for turn in 0..3 {
        server.add(&fixture("qt6/hello-2.0.ampkg")); // else the same content would be the same package
        check(&server, &format!("signed {turn} times before"), &package);
        let again = download(&server, ID, Some("car-1"));
        assert!(again.len() < package.len() + 1024, "it grows: {} to {}", package.len(), again.len());
        package = again;
    }
}
