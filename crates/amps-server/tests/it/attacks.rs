//! Attacks of the lists in SECURITY.md that no other test makes.

use amps_catalog::SqliteCatalog;
use amps_core::Catalog as _;
use amps_testkit::PackageBuilder;
use serde_json::json;

use crate::{deployment_scene::Scene, running::Running};

fn package(version: &str) -> Vec<u8> {
    PackageBuilder::hello().version(version).build()
}

fn offered(scene: &Scene) -> String {
    scene.greeted("").get("/app/list").json()[0]["version"].as_str().unwrap().to_owned()
}

#[test]
fn an_older_version_that_is_uploaded_again_is_not_offered() {
    let scene = Scene::start();
    for version in ["1.0", "2.0", "1.0", "1.9", "2.0-rc"] {
        scene.upload(&package(version));
    }
    assert_eq!(offered(&scene), "2.0");
}

#[test]
fn a_version_that_cannot_be_exceeded_can_be_taken_back() {
    let scene = Scene::start();
    scene.upload(&package("1.0"));
    scene.upload(&package("99999999999999999999999999.0"));
    assert_eq!(offered(&scene), "99999999999999999999999999.0");
    // As removing that release does, which the server sees at the next look.
    let releases = scene.catalog().releases().unwrap();
    let last = releases.iter().map(|release| release.sequence).max().unwrap();
    scene.catalog().remove(&[last]).unwrap();
    crate::running::eventually(|| (offered(&scene) == "1.0").then_some(()));
    scene.upload(&package("1.1"));
    assert_eq!(offered(&scene), "1.1");
}

#[test]
fn a_package_that_says_two_ids_is_none() {
    let server = Running::start();
    let header = "formatVersion: 2\nformatType: am-package-header\n---\npackageId: org.example.bank\ndiskSpaceUsed: 4096\n";
    let answer = server.upload(&PackageBuilder::hello().header(header).build());
    assert_eq!(answer["status"], "fail");
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("org.example.bank") && message.contains("org.example.hello"), "{message}");
    assert_eq!(server.get("/package/list").json(), json!([]));
}

#[test]
fn a_package_takes_nobody_elses_place() {
    let server = Running::start();
    let theirs = PackageBuilder::hello().id("org.example.bank").build();
    server.add(&theirs);
    // Ids that only look like it, or lead to its file on a careless disk.
    for id in ["org.example.Bank", "org.example.bank_all", "org.example.bank.x", "org.example.bank%"] {
        server.upload(&PackageBuilder::hello().id(id).build());
    }
    assert_eq!(server.get("/package/download?id=org.example.bank").body, theirs);
    let catalog = SqliteCatalog::open(&server.data.path().join(".amps/catalog.db")).unwrap();
    let releases = catalog.releases().unwrap();
    let bank: Vec<_> = releases.iter().filter(|it| it.facts.id.as_str() == "org.example.bank").collect();
    assert_eq!((bank.len(), bank[0].facts.package.size_bytes), (1, theirs.len() as u64));
}
