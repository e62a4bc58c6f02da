//! No output can steer a terminal, whatever is in a package, a file or a name.

use std::{fs, path::Path};

use amps_testkit::PackageBuilder;

use crate::{
    process::{fixture, packager, run},
    signatures::base64_of,
};

/// Everything that a terminal acts on, spelled as YAML does.
const HOSTILE: &str = r"\e[2J\r\n\t\x7f\x9b31m\u202e\u2066\u2028\0";

fn assert_harmless(output: &str) {
    let is_active = |character: char| {
        (character.is_control() && character != '\n')
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    assert!(!output.contains(is_active), "{output:?}");
}

fn package(root: &Path) -> std::path::PathBuf {
    let folder = root.join("folder");
    fs::create_dir(&folder).unwrap();
    let manifest = format!(
        "formatType: am-package\nformatVersion: 1\n---\nid: x\nname: {{ en: \"{HOSTILE}\", \"{HOSTILE}\": y }}\n\
         description: {{ en: \"{HOSTILE}\" }}\nversion: \"{HOSTILE}\"\ncategories: [ \"{HOSTILE}\" ]\n\
         applications:\n- {{ id: x, code: \":/{HOSTILE}\", runtime: \"{HOSTILE}\", applicationProperties: {{ a: \"{HOSTILE}\" }} }}\n"
    );
    fs::write(folder.join("info.yaml"), manifest).unwrap();
    fs::write(folder.join("icon.png"), "").unwrap();
    folder
}

#[test]
fn nothing_of_a_package_does() {
    let root = tempfile::tempdir().unwrap();
    let folder = package(root.path());
    let file = root.path().join("x.ampkg");
    let snippet = format!("\"{HOSTILE}\": [ \"{HOSTILE}\" ]");
    for format in [&["--verbose"][..], &["--verbose", "--json"]] {
        let mut create = packager();
        create.args(["create-package", "-m", &snippet, "-s", &snippet]).args(format).arg(&file).arg(&folder);
        let (code, stdout, stderr) = run(&mut create);
        assert_eq!((code, stderr.as_str()), (Some(0), ""));
        assert!(stdout.contains("31m"));
        assert_harmless(&stdout);
    }
    for format in [&[][..], &["--json"]] {
        let (code, stdout, stderr) = run(packager().arg("inspect").args(format).arg(&file));
        assert_eq!((code, stderr.as_str()), (Some(0), ""));
        assert!(stdout.contains("31m"));
        assert_harmless(&stdout);
    }
}

/// Names in certificates, several signers, and what the decoder says of signatures that are none.
#[test]
fn nothing_of_a_signature_does() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("x.ampkg");
    for (signature, is_well_formed) in [
        ("openssl-odd-name.der", true),
        ("openssl-two-signers.der", true),
        ("openssl-nocerts.der", true),
        ("openssl-same-key.der", true),
        ("openssl-attached.der", false),
        ("content.txt", false),
    ] {
        let bytes = fs::read(fixture(&format!("pki/signatures/{signature}"))).unwrap();
        let package = PackageBuilder::hello()
            .footer_field("developerSignature", &base64_of(&bytes))
            .footer_field("storeSignature", &base64_of(&bytes));
        fs::write(&file, package.build()).unwrap();
        for format in [&[][..], &["--json"]] {
            let (code, stdout, stderr) = run(packager().arg("inspect").args(format).arg(&file));
            assert_eq!((code, stderr.as_str()), (Some(i32::from(!is_well_formed)), ""), "{signature}");
            assert_harmless(&stdout);
            if signature == "openssl-odd-name.der" {
                assert!(stdout.contains("NTRDE-1") || stdout.contains("CN=bell"), "{stdout}");
            }
        }
    }
}

#[test]
fn nothing_of_a_yaml_text_does() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("x.yaml");
    fs::write(&file, format!("\"{HOSTILE}\": \"{HOSTILE}\"\n")).unwrap();
    let (code, stdout, _) = run(packager().arg("yaml-to-json").arg(&file));
    assert_eq!(code, Some(0));
    assert_harmless(&stdout);
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let text = "\u{1b}[2J\r\n\t\u{7f}\u{9b}31m\u{202e}\u{2066}\u{2028}\0";
    assert_eq!(json, serde_json::json!([{ text: text }]));
}

#[test]
fn nothing_of_a_name_or_an_error_does() {
    let root = tempfile::tempdir().unwrap();
    let name = root.path().join("a\u{1b}[2J\n\u{202e}\u{9b}");
    fs::write(&name, "a: \"\u{202e}\" \"\u{9b}\"").unwrap();
    let missing = root.path().join("missing\u{1b}[2J\nERROR: x");
    for (command, path) in
        [("inspect", &name), ("inspect", &missing), ("yaml-to-json", &name), ("yaml-to-json", &missing)]
    {
        let (code, stdout, stderr) = run(packager().arg(command).arg(path));
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{command}");
        assert_eq!(stderr.lines().count(), 1, "{stderr:?}");
        assert_harmless(&stderr);
    }
    let folder = package(root.path());
    std::os::unix::fs::symlink("x", folder.join("link\u{1b}[2J\u{9b}")).unwrap();
    let (code, _, stderr) =
        run(packager().arg("create-package").arg(root.path().join("x.ampkg")).arg(&folder));
    assert_eq!((code, stderr.lines().count()), (Some(0), 1), "{stderr:?}");
    assert_harmless(&stderr);
    fs::write(folder.join("file\u{1b}[2J"), "").unwrap();
    let (code, _, stderr) =
        run(packager().arg("create-package").arg(root.path().join("x.ampkg")).arg(&folder));
    assert_eq!(code, Some(1), "{stderr:?}");
    assert_harmless(&stderr);
}
