//! Every package of fixtures/packages gets the deployment server's verdict, and a refusal leaves nothing behind.

use serde_json::Value;

use crate::{deployment_scene::Scene, verdicts::fixture};

#[test]
fn every_package_gets_its_verdict() {
    let scene = Scene::start();
    let expected: Value = serde_json::from_slice(&fixture("expected.json")).unwrap();
    let mut accepted = 0;
    let mut before = scene.server.files();
    for (name, expected) in expected.as_object().unwrap() {
        // What no package server takes has no verdict of its own.
        let verdict = expected.get("deployment_server").unwrap_or(&expected["package_server"]);
        let answer = scene.upload(&fixture(name));
        if verdict == "accept" {
            assert_eq!(answer["status"], "ok", "{name}: {answer}");
            before = scene.server.files();
            accepted += 1;
        } else {
            assert_eq!(answer["status"], "Package validation failed", "{name}");
            assert!(!answer["message"].as_str().unwrap().is_empty(), "{name}");
            assert!(scene.server.files() == before, "{name} left something behind");
        }
    }
    assert!(accepted > 30, "{accepted}");
}
