//! Passwords and hardware ids stay out of every place where others can see them.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use crate::process::{Server, amps, fixture, run};

/// Stands nowhere else, so that whoever finds it has found the secret.
const WRONG: &str = "Xyzzy-wrong-Plugh";

fn pki(name: &str) -> String {
    fixture("../pki").join(name).to_str().unwrap().to_owned()
}

/// A file with a password, which only its owner can read.
fn password_file(folder: &Path, password: &str) -> PathBuf {
    let file = folder.join("store.password");
    fs::write(&file, format!("{password}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file
}

#[test]
fn a_running_server_shows_its_password_nowhere() {
    const SECRET: &str = "pässwörd";
    for way in ["file", "variable", "configuration"] {
        let data = tempfile::tempdir().unwrap();
        let mut command = amps();
        command.args(["serve", "--la", "localhost:0", "--sc", &pki("store-utf8password.p12"), "--dd"]);
        command.arg(data.path());
        match way {
            "file" => {
                let file = password_file(data.path(), SECRET);
                command.arg("--store-sign-password-file").arg(file);
            }
            "variable" => {
                command.env("AMPS_STORE_SIGN_PASSWORD", SECRET);
            }
            _ => {
                let format = "formatType: amps-configuration\nformatVersion: 1\n---\n";
                let text = format!("{format}storeSignPassword: '{SECRET}'\n");
                fs::write(data.path().join("amps-config.yaml"), text).unwrap();
            }
        }
        let server = Server::with(&mut command);
        let line = fs::read(format!("/proc/{}/cmdline", server.pid())).unwrap();
        let line = String::from_utf8(line).unwrap();
        assert!(line.contains("--sc") && !line.contains(SECRET), "{way}: {line}");
        assert!(server.upload(&fixture("qt6/hello.ampkg")).contains("\"ok\""));
        let signed = server.curl(&["--fail"], "/package/download?id=org.example.hello&hardware-id=car-4711");
        assert!(!signed.is_empty(), "{way}");
        let banner = server.banner.clone();
        server.signal("TERM");
        let (code, stdout, stderr) = server.wait();
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{way}");
        let said = banner + stdout.as_str();
        assert!(said.contains("Add store signature on download: yes") && !said.contains(SECRET), "{said}");
        assert!(!said.contains("car-4711"), "{said}");
    }
}

#[test]
fn a_wrong_password_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for way in ["file", "variable"] {
        let mut command = amps();
        command.args(["serve", "--la", "localhost:0", "--sc", &pki("store.p12"), "--dd"]).arg(&data);
        if way == "file" {
            command.arg("--store-sign-password-file").arg(password_file(folder.path(), WRONG));
        } else {
            command.env("AMPS_STORE_SIGN_PASSWORD", WRONG);
        }
        let (code, stdout, stderr) = run(&mut command);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{way}");
        assert!(stderr.contains("password") && !stderr.contains(WRONG), "{way}: {stderr}");
    }
}

#[test]
fn a_package_that_cannot_be_signed_is_the_operators_business_alone() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    assert!(server.upload(&fixture("qt6/hello.ampkg")).contains("\"ok\""));
    server.signal("TERM");
    server.wait();
    let server = Server::with(
        amps()
            .args(["serve", "--la", "localhost:0", "--sc", &pki("store.p12"), "--dd"])
            .arg(data.path())
            .env("AMPS_STORE_SIGN_PASSWORD", "password"),
    );
    // The disk forgets a piece of the package before anybody has looked where it can be cut.
    let blob = data.path().join(".packages/org.example.hello_all.ampkg"); // the same file by another name
    let mut bytes = fs::read(&blob).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::set_permissions(&blob, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&blob, bytes).unwrap();

    let answer = server.curl(
        &["--write-out", " %{http_code}"],
        "/package/download?id=org.example.hello&hardware-id=car-4711",
    );
    assert_eq!(
        String::from_utf8(answer).unwrap(),
        r#"{"error":"internal","message":"the server could not answer; its log says why"} 500"#
    );
    server.signal("TERM");
    let (code, stdout, stderr) = server.wait();
    assert_eq!(code, Some(0));
    assert!(stderr.contains("cannot answer a request") && stderr.contains("gzip"), "{stderr}");
    for secret in ["car-4711", "password"] {
        assert!(!stdout.contains(secret) && !stderr.contains(secret), "{stdout}{stderr}");
    }
}
