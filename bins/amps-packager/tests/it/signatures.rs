//! `dev-sign-package`, `dev-verify-package`, `store-sign-package`, `store-verify-package`.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::process::{fixture, packager, run};

fn pki(name: &str) -> String {
    fixture("pki").join(name).to_str().unwrap().to_owned()
}

fn package(name: &str) -> String {
    fixture("packages").join(name).to_str().unwrap().to_owned()
}

fn json(name: &str) -> Value {
    serde_json::from_slice(&fs::read(fixture("packages").join(name)).unwrap()).unwrap()
}

fn call(arguments: &[&str]) -> (Option<i32>, String, String) {
    run(packager().args(arguments))
}

/// The codes of the reference hold for every package, but where ours is known to be stricter.
#[test]
fn codes_are_those_of_the_reference() {
    let (reference, expected) = (json("reference.json"), json("expected.json"));
    let (ca, devca) = (pki("ca.crt"), pki("devca.crt"));
    let mut compared = 0;
    for (name, reference) in reference.as_object().unwrap() {
        let expected = &expected[name];
        let is_stricter = expected["differs_from_reference"] == true || expected["note"].is_string();
        let path = package(name);
        let device = if name.contains("rsa4096") { "Gerät 7" } else { "device-0815" };
        for (field, arguments) in [
            ("dev_verify", vec!["dev-verify-package", &path, &devca, &ca]),
            ("store_verify", vec!["store-verify-package", &path, &ca, ""]),
            ("store_verify_hw", vec!["store-verify-package", &path, &ca, device]),
        ] {
            let Some(code) = reference[field]["exit"].as_i64() else { continue };
            let (found, stdout, stderr) = call(&arguments);
            if found.map(i64::from) == Some(code) {
                compared += 1;
            } else {
                assert!(is_stricter, "{name}, {field}: expected {code}, found {found:?} {stdout}{stderr}");
            }
            if code != 2 && found.map(i64::from) == Some(code) && stderr.is_empty() && !is_stricter {
                assert_eq!(stdout.trim_end(), reference[field]["text"].as_str().unwrap(), "{name}, {field}");
            }
        }
    }
    assert!(compared > 150, "{compared}");
}

#[test]
fn a_package_that_was_signed_is_valid_for_us_and_for_openssl() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for key in ["dev1.p12", "dev1-legacy.p12", "dev-ec.p12"] {
        let (signed, bound) = (path("signed.ampkg"), path("bound.ampkg"));
        let done = (Some(0), String::new(), String::new());
        assert_eq!(
            call(&["dev-sign-package", &package("qt6/hello.ampkg"), &signed, &pki(key), "password"]),
            done
        );
        let valid = (Some(0), "valid developer signature\n".to_owned(), String::new());
        assert_eq!(call(&["dev-verify-package", &signed, &pki("devca.crt"), &pki("ca.crt")]), valid, "{key}");
        let (_, stdout, _) = call(&["dev-verify-package", "--verbose", &signed, &pki("chain.crt")]);
        assert!(stdout.contains("signed by ") && stdout.contains("O=Example"), "{stdout}");
        openssl_accepts(&signed, "developerSignature", folder.path());

        assert_eq!(
            call(&["store-sign-package", &signed, &bound, &pki("store.p12"), "password", "car 7"]),
            done
        );
        let verify = |device: &str| call(&["store-verify-package", &bound, &pki("ca.crt"), device]);
        assert_eq!(verify("car 7"), (Some(0), "valid store signature\n".to_owned(), String::new()));
        for other in ["car 8", ""] {
            let (code, stdout, _) = verify(other);
            assert!(code == Some(2) && stdout.starts_with("invalid store signature ("), "{stdout}");
        }
        assert_eq!(call(&["dev-verify-package", &bound, &pki("chain.crt")]), valid, "{key}");
        for (program, argument) in [("gzip", "-t"), ("tar", "-tz")] {
            let input = fs::File::open(&bound).unwrap();
            assert!(
                Command::new(program).arg(argument).stdin(input).output().unwrap().status.success(),
                "{program}"
            );
        }
    }
}

/// Takes a signature out of a package by other means than ours, and has `openssl cms` verify it over the digest's text.
fn openssl_accepts(package: &str, field: &str, folder: &Path) {
    let script = "gzip -dc \"$1\" 2>/dev/null | tar xOf - --wildcards -- '--PACKAGE-FOOTER--*' > footer; \
        sed -n \"s/^$2: '\\(.*\\)'/\\1/p\" footer | base64 -d > signature.der";
    let status =
        Command::new("bash").args(["-c", script, "bash", package, field]).current_dir(folder).status();
    assert!(status.unwrap().success());
    let digest = fs::read_to_string(folder.join("footer")).unwrap();
    let hex = digest.lines().find_map(|line| line.strip_prefix("digest: '")).unwrap().trim_end_matches('\'');
    let digest: ampkg::Digest = hex.parse().unwrap();
    fs::write(folder.join("content"), base64_of(&digest.0)).unwrap();
    let output = Command::new("openssl")
        .args(["cms", "-verify", "-binary", "-inform", "DER", "-in", "signature.der", "-content", "content"])
        .args(["-purpose", "any", "-CAfile", &pki("chain.crt"), "-out", "/dev/null"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The base64 text of bytes, by hand, because nothing of ours is to judge here.
pub(crate) fn base64_of(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().chain(&[0, 0]).take(3).fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte));
        for at in 0..4 {
            let index = usize::try_from(bits >> (18 - 6 * at) & 63).unwrap();
            text.push(if at > chunk.len() { '=' } else { char::from(*ALPHABET.get(index).unwrap()) });
        }
    }
    text
}

#[test]
fn a_new_signature_takes_the_place_of_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.ampkg").to_str().unwrap().to_owned();
    let signed = package("qt6/hello-dev1-store-hw.ampkg");
    assert_eq!(call(&["store-sign-package", &signed, &out, &pki("store.p12"), "password", "new"]).0, Some(0));
    assert_eq!(call(&["store-verify-package", &out, &pki("ca.crt"), "new"]).0, Some(0));
    assert_eq!(call(&["store-verify-package", &out, &pki("ca.crt"), "device-0815"]).0, Some(2));
    // The developer's signs the content, and whoever signed it as store signed what was there before.
    assert_eq!(call(&["dev-sign-package", &signed, &out, &pki("dev2.p12"), "password"]).0, Some(0));
    assert_eq!(call(&["dev-verify-package", &out, &pki("chain.crt")]).0, Some(0));
    assert_eq!(call(&["store-verify-package", &out, &pki("ca.crt"), "device-0815"]).0, Some(1));
}

#[test]
fn what_cannot_be_signed_is_said_without_the_password_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.ampkg").to_str().unwrap().to_owned();
    let hello = package("qt6/hello.ampkg");
    for (input, key, password, message) in [
        (hello.as_str(), pki("dev1.p12"), "not-the-password", "password"),
        (&hello, pki("store-nokey.p12"), "password", "key"),
        (&hello, pki("dev-expired.p12"), "password", "expired since 2020"),
        (&hello, pki("ca.crt"), "password", "cannot be used"),
        (&package("bad/tampered-file.ampkg"), pki("dev1.p12"), "password", "package digest mismatch"),
        ("/nowhere", pki("dev1.p12"), "password", "cannot open"),
    ] {
        let (code, stdout, stderr) = call(&["dev-sign-package", input, &out, &key, password]);
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{key}");
        assert!(stderr.starts_with("ERROR: ") && stderr.contains(message), "{stderr}");
        assert!(!stderr.contains("not-the-password"), "{stderr}");
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
    }
}

#[test]
fn the_input_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.ampkg");
    fs::copy(package("qt6/hello.ampkg"), &path).unwrap();
    let before = fs::read(&path).unwrap();
    let name = path.to_str().unwrap();
    let again = format!("{}/./p.ampkg", folder.path().display());
    let (code, _, stderr) = call(&["dev-sign-package", name, &again, &pki("dev1.p12"), "password"]);
    assert!(code == Some(1) && stderr.contains("it is the package that is to be signed"), "{stderr}");
    assert!(fs::read(&path).unwrap() == before);
}

#[test]
fn a_password_need_not_stand_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.ampkg");
    let mut command = packager();
    command.args(["dev-sign-package", &package("qt6/hello.ampkg")]).arg(&out).args([&pki("dev1.p12"), ""]);
    assert_eq!(run(command.env("AMPS_SIGN_PASSWORD", "password")).0, Some(0));
    assert_eq!(run(command.env_remove("AMPS_SIGN_PASSWORD")).0, Some(1));
}
