//! Every package of fixtures/packages gets its verdict from the running server, and a refusal leaves nothing behind.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use crate::running::Running;

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../fixtures/packages"].iter().collect();
    fs::read(folder.join(name)).unwrap()
}

#[test]
fn every_package_gets_its_verdict() {
    let server = Running::start();
    let expected: Value = serde_json::from_slice(&fixture("expected.json")).unwrap();
    let mut before = server.files();
    for (name, expected) in expected.as_object().unwrap() {
        let list = server.get("/package/list").json();
        let answer = server.upload(&fixture(name));
        if expected["package_server"] == "accept" {
            assert_eq!(
                (&answer["status"], &answer["id"], &answer["architecture"]),
                (&json!("ok"), &expected["id"], &expected["architecture"]),
                "{name}: {answer}"
            );
            before = server.files();
        } else {
            assert_eq!(answer["status"], "fail", "{name}");
            assert!(!answer["message"].as_str().unwrap().is_empty(), "{name}");
            assert!(server.files() == before, "{name} left something behind");
            assert_eq!(server.get("/package/list").json(), list, "{name}");
        }
    }
    assert!(before.keys().filter(|name| name.starts_with(".packages/")).count() > 10);
}

#[test]
fn a_restart_finds_what_was_there() {
    let server = Running::start();
    for name in ["qt6/hello.ampkg", "qt6/native-arm64.ampkg", "qt5/extra5-many-keys.ampkg"] {
        server.add(&fixture(name));
    }
    let (list, files) = (server.get("/package/list?architecture=linux_arm_64").json(), server.files());
    let server = Running::on(server.stop(), amps_server::Settings::default());
    assert_eq!(server.get("/package/list?architecture=linux_arm_64").json(), list);
    assert!(server.files() == files);
    let console = server.console();
    let scanned = console.split_once("> Scanning .packages\n").unwrap().1;
    let scanned = scanned.split_once("> HTTP server").unwrap().0;
    assert_eq!(
        scanned,
        " + adding   org.example.extra5-many-keys [all]\n + adding   org.example.hello [all]\n + adding   org.example.native [linux_arm_64]\n"
    );
}

#[test]
fn what_a_user_deleted_is_gone_after_a_restart() {
    let server = Running::start();
    server.add(&fixture("qt6/hello.ampkg"));
    let data = server.stop();
    fs::remove_file(data.path().join(".packages/org.example.hello_all.ampkg")).unwrap();
    fs::write(data.path().join(".packages/broken.ampkg"), "not a package").unwrap();
    fs::write(data.path().join(".packages/new.ampkg"), fixture("qt6/tree.ampkg")).unwrap();
    let server = Running::on(data, amps_server::Settings::default());
    let console = server.console();
    for line in [
        " - removing org.example.hello [all]\n",
        " + adding   org.example.tree [all]\n",
        " x failed   broken.ampkg (not a gzip-compressed file: it begins with 6e 6f 74 20)\n",
    ] {
        assert!(console.contains(line), "{console}");
    }
    assert_eq!(server.get("/package/list").json().as_array().unwrap().len(), 1);
}
