//! `inspect`.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use insta::assert_snapshot;
use serde_json::json;

use crate::process::{fixture, packager, run};

#[test]
fn shows_what_is_in_a_package() {
    let (code, stdout, stderr) =
        run(packager().arg("inspect").arg(fixture("packages/qt5/hello5-dev1-store-hw.ampkg")));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_snapshot!(stdout);
}

#[test]
fn json_has_the_same() {
    let (code, stdout, _) =
        run(packager().args(["inspect", "--json"]).arg(fixture("packages/qt6/native-arm64.ampkg")));
    assert_eq!(code, Some(0));
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(json["architecture"]["packageServer"], "linux_arm_64");
    assert_eq!(json["architecture"]["deploymentServer"], "arm64-little_endian-64-elf");
    assert_eq!(json["digest"]["fits"], "both");
    assert_eq!(json["manifest"]["applications"][0]["runtime"], "native");
    assert_eq!(
        json["entries"][4],
        serde_json::json!({ "path": "bin/app", "kind": "file", "sizeBytes": 816, "executable": true })
    );
    assert_eq!(json["problems"], serde_json::json!([]));
}

#[test]
fn a_package_that_is_not_what_it_says_is_shown_with_its_problems() {
    for (name, problem) in [
        ("tampered-file", "package digest mismatch"),
        ("header-other-id", "the header names the package `other.id`, the manifest `org.example.hello`"),
        ("mixed-architectures", "mixed architectures: linux_x86_64 and linux_arm_64"),
        ("signature-not-cms", "the developer signature is not one"),
    ] {
        let (code, stdout, stderr) =
            run(packager().arg("inspect").arg(fixture(&format!("packages/bad/{name}.ampkg"))));
        assert_eq!((code, stderr.as_str()), (Some(1), ""), "{name}");
        assert!(
            stdout.contains("package:       org.example.hello\n")
                && stdout.contains(&format!("PROBLEM:       {problem}")),
            "{stdout}"
        );
    }
}

fn inspect_json(package: &Path) -> serde_json::Value {
    let (code, stdout, _) = run(packager().args(["inspect", "--json"]).arg(package));
    assert!(code == Some(0) || code == Some(1), "{stdout}");
    serde_json::from_str(&stdout).unwrap()
}

/// What `openssl x509` says of a certificate in `fixtures/pki`.
fn openssl(certificate: &str, option: &str) -> String {
    let arguments = ["x509", "-noout", "-nameopt", "rfc2253,utf8", "-sha256", option, "-in"];
    let (_, stdout, _) = run(Command::new("openssl").args(arguments).arg(fixture(certificate)));
    stdout.trim_end().split_once('=').unwrap().1.to_owned()
}

#[test]
fn signers_are_described_as_openssl_does_and_never_as_verified() {
    let json = inspect_json(&fixture("packages/qt6/hello-dev1-store-hw.ampkg"));
    let signatures = json["signatures"].as_array().unwrap();
    assert_eq!(signatures.len(), 2);
    for (signature, (kind, covers, form, certificate)) in signatures.iter().zip([
        ("developer", "package", json!("base64"), "pki/dev1.crt"),
        ("store", "device-or-other", json!(null), "pki/store.crt"),
    ]) {
        assert_eq!(signature["kind"], kind);
        assert_eq!(signature["verified"], false);
        assert_eq!((&signature["covers"], &signature["form"]), (&json!(covers), &form));
        let signers = signature["signers"].as_array().unwrap();
        assert_eq!((signers.len(), &signers[0]["digestAlgorithm"]), (1, &json!("SHA-256")));
        let found = &signers[0]["certificate"];
        for (field, option) in [("subject", "-subject"), ("issuer", "-issuer"), ("serial", "-serial")] {
            assert_eq!(found[field], openssl(certificate, option), "{field}");
        }
        let fingerprint = openssl(certificate, "-fingerprint").replace(':', "").to_lowercase();
        assert_eq!(found["fingerprintSha256"], fingerprint);
        for (field, option) in [("notBefore", "-startdate"), ("notAfter", "-enddate")] {
            // `2026-11-21T00:10:33Z` and `Nov 21 00:10:33 2026 GMT`.
            let (ours, theirs) = (found[field].as_str().unwrap(), openssl(certificate, option));
            let (date, time) = ours.trim_end_matches('Z').split_once('T').unwrap();
            let (year, day) = (&date[..4], &date[8..]);
            assert!(
                theirs.contains(time) && theirs.contains(year) && theirs.contains(day),
                "{ours} {theirs}"
            );
        }
    }
}

#[test]
fn what_was_signed_is_told_apart() {
    for (name, kind, covers, form) in [
        ("qt6/hello-store.ampkg", "store", "package", Some("base64")),
        ("qt6/hello-dev1-store-hw.ampkg", "store", "device-or-other", None),
        ("qt6/hello-dev-expired.ampkg", "developer", "package", Some("base64")),
        // Signed first, changed then.
        ("bad/tampered-file-fixed-digest.ampkg", "developer", "other", None),
        ("bad/signature-not-cms.ampkg", "developer", "garbled", None),
    ] {
        let path = fixture(&format!("packages/{name}"));
        let json = inspect_json(&path);
        let signature =
            json["signatures"].as_array().unwrap().iter().find(|one| one["kind"] == kind).unwrap();
        assert_eq!(signature["covers"], covers, "{name}");
        assert_eq!(signature["form"].as_str(), form, "{name}");
        let is_known = form.is_some() || covers == "device-or-other";
        assert_eq!(signature["reason"].is_null(), is_known, "{name}");
        let (_, stdout, _) = run(packager().arg("inspect").arg(&path));
        let claims = stdout.contains(&format!("signature:     {kind}: a claim, nobody has verified it\n"));
        let garbled = stdout.contains(&format!("signature:     {kind}, GARBLED: "));
        assert_eq!((claims, garbled), (covers != "garbled", covers == "garbled"), "{stdout}");
    }
}

#[test]
fn missing_signatures_are_shown_as_missing() {
    let (code, stdout, _) = run(packager().arg("inspect").arg(fixture("packages/qt6/hello.ampkg")));
    assert_eq!(code, Some(0));
    let both = "signature:     no developer signature\nsignature:     no store signature\n";
    assert!(stdout.contains(both), "{stdout}");
    assert_eq!(inspect_json(&fixture("packages/qt6/hello.ampkg"))["signatures"], json!([]));
}

#[test]
fn a_package_that_cannot_be_read_is_an_error() {
    for (path, message) in [
        ("packages/bad/truncated-gzip.ampkg", "ERROR: the gzip data ends early, after 900 bytes\n"),
        (
            "packages/bad/symlink.ampkg",
            "ERROR: the entry `link` is a symbolic link: expected a regular file or a directory\n",
        ),
    ] {
        let expected = (Some(1), String::new(), message.to_owned());
        assert_eq!(run(packager().arg("inspect").arg(fixture(path))), expected);
    }
    let (code, _, stderr) = run(packager().args(["inspect", "/nowhere"]));
    assert!(code == Some(1) && stderr.starts_with("ERROR: cannot read `/nowhere`: "), "{stderr}");
}

#[test]
fn nothing_of_a_package_can_steer_a_terminal() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("folder");
    fs::create_dir(&folder).unwrap();
    let manifest = "formatType: am-package\nformatVersion: 1\n---\nid: x\nname: { en: \"\\e[2J\\u202Eevil\" }\nversion: \"1\\r2\"\n\
                    applications:\n- { id: x, code: ':/c', runtime: \"\\x9b31m\" }\n";
    fs::write(folder.join("info.yaml"), manifest).unwrap();
    fs::write(folder.join("icon.png"), "").unwrap();
    let package = root.path().join("x.ampkg");
    assert_eq!(run(packager().arg("create-package").arg(&package).arg(&folder)).0, Some(0));
    let (code, stdout, _) = run(packager().arg("inspect").arg(&package));
    assert_eq!(code, Some(0));
    assert!(!stdout.contains(|found: char| found.is_control() && found != '\n'), "{stdout:?}");
    assert!(!stdout.contains('\u{202e}') && stdout.contains("evil"), "{stdout:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut command = packager();
    command.arg("inspect").arg("--json").arg(fixture("packages/qt6/tree.ampkg"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
