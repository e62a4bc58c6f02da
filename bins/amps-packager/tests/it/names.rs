//! Names that a file system has in another form than a device expects.

use std::{fs, process::Command};

use crate::process::{fixture, packager, run};

/// `é` as one character.
const NFC: &str = "caf\u{e9}";
/// `é` as a letter and its accent.
const NFD: &str = "cafe\u{301}";

#[test]
fn names_are_packed_in_one_form_whatever_the_disk_and_the_manifest_have() {
    let mut packages = Vec::new();
    for (on_disk, in_manifest) in [(NFC, NFC), (NFD, NFC), (NFC, NFD), (NFD, NFD)] {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("source");
        fs::create_dir_all(folder.join(on_disk)).unwrap();
        let manifest = fs::read_to_string(fixture("hello/info.yaml")).unwrap();
        let manifest = manifest.replace("main.qml", &format!("{in_manifest}/{in_manifest}.qml"));
        fs::write(folder.join("info.yaml"), manifest.replace("icon.png", &format!("{in_manifest}.png")))
            .unwrap();
        fs::write(folder.join(format!("{on_disk}.png")), "icon").unwrap();
        fs::write(folder.join(on_disk).join(format!("{on_disk}.qml")), "Item {}").unwrap();
        let package = root.path().join("p.ampkg");
        let (code, _, stderr) = run(packager().arg("create-package").arg(&package).arg(&folder));
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{on_disk:?} {in_manifest:?}");
        let (code, stdout, _) = run(packager().arg("inspect").arg(&package));
        assert_eq!(code, Some(0), "{stdout}");
        assert!(!stdout.contains("PROBLEM") && !stdout.contains("warning"), "{stdout}");
        let list =
            Command::new("tar").args(["--quoting-style=literal", "-tzf"]).arg(&package).output().unwrap();
        assert_eq!(
            String::from_utf8(list.stdout).unwrap(),
            format!(
                "--PACKAGE-HEADER--\ninfo.yaml\n{NFC}.png\n{NFC}/\n{NFC}/{NFC}.qml\n--PACKAGE-FOOTER--\n"
            )
        );
        packages.push((in_manifest, fs::read(&package).unwrap()));
    }
    // The same content gives the same bytes, whatever form the disk has.
    assert!(packages[0] == packages[1] && packages[2] == packages[3]);
}

#[test]
fn two_names_that_a_device_takes_for_one_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("source");
    fs::create_dir(&folder).unwrap();
    for name in ["info.yaml", "icon.png", "main.qml"] {
        fs::copy(fixture("hello").join(name), folder.join(name)).unwrap();
    }
    fs::write(folder.join(NFC), "").unwrap();
    fs::write(folder.join(NFD), "").unwrap();
    let (code, _, stderr) =
        run(packager().arg("create-package").arg(root.path().join("p.ampkg")).arg(&folder));
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.starts_with("ERROR: ") && stderr.contains("twice"), "{stderr}");
}
