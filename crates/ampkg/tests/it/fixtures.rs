//! Every package of fixtures/packages gets the verdict that is written beside it.

use std::{fs, path::PathBuf};

use ampkg::{DigestFit, Error, Limits, VerifiedPackage, read};
use serde_json::Value;

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../fixtures/packages"].iter().collect()
}

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

/// The names of all packages that have a verdict.
pub(crate) fn fixture_names() -> Vec<String> {
    let expected: Value = serde_json::from_slice(&fixture("expected.json")).unwrap();
    expected.as_object().unwrap().keys().cloned().collect()
}

pub(crate) fn verify(package: &[u8]) -> Result<VerifiedPackage, Error> {
    read(package, &Limits::default(), &mut ())?.verify()
}

#[test]
fn every_package_gets_its_verdict() {
    let expected: Value = serde_json::from_slice(&fixture("expected.json")).unwrap();
    let mut wrong = Vec::new();
    for (name, expected) in expected.as_object().unwrap() {
        let class = expected["class"].as_str().unwrap_or("accept");
        let found = match verify(&fixture(name)) {
            Ok(package) => {
                if class == "accept" {
                    assert_eq!(package.manifest.id.as_str(), expected["id"].as_str().unwrap(), "{name}");
                }
                "accept"
            }
            Err(error) => error.class().as_str(),
        };
        let fits = match class {
            // What architecture a binary is for and what a signature says are other crates' business.
            "architecture" => found == "accept",
            "signature" => matches!(found, "accept" | "signature"),
            "limit-or-digest" => matches!(found, "limit" | "digest"),
            class => found == class,
        };
        if !fits {
            wrong.push(format!("{name}: expected {class}, found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tells_which_devices_compute_the_digest() {
    for (name, fit) in [
        ("qt6/hello.ampkg", DigestFit::Both),
        ("qt6/signed-types.ampkg", DigestFit::Qt6),
        ("qt6/tags.ampkg", DigestFit::Both),
        ("qt5/hello5.ampkg", DigestFit::Both),
        ("qt5/extra5-one-key.ampkg", DigestFit::Both),
        ("qt5/extra5-many-keys.ampkg", DigestFit::Qt5),
    ] {
        assert_eq!(verify(&fixture(name)).unwrap().digest_fit(), fit, "{name}");
    }
}
