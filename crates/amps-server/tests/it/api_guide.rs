//! The commands in docs/api.md, run by a shell with curl.

use std::{fs, process::Command};

use amps_testkit::{PackageBuilder, blocks_in};

use crate::{access_scene::package, api_scene::Api};

#[test]
fn every_command_of_the_guide_works() {
    let api = Api::start("none");
    let folder = tempfile::tempdir().unwrap();
    let package = package("org.example.hello");
    fs::write(folder.path().join("hello.ampkg"), &package).unwrap();
    let icon = PackageBuilder::hello().files().into_iter().find(|entry| entry.name() == b"icon.png").unwrap();
    fs::write(folder.path().join("icon.png"), icon.data()).unwrap();
    let base = format!("http://{}/api/v1", api.scene.server.address);
    let token = api.owner.trim().rsplit(' ').next().unwrap();
    let mut upload = String::new();
    let mut run = 0;
    // What the scene has brought along is in the way.
    api.forget("categories", "tools");
    for block in blocks_in(include_str!("../../../../docs/api.md"), "sh") {
        let block = block.replace("\\\n", " ");
        let (mut first, mut second): (Vec<&str>, Vec<&str>) = block
            .lines()
            .filter(|line| !line.trim().is_empty())
            .partition(|line| line.contains("--data-binary @hello.ampkg \"$API"));
        // There must be a package before anything can be said of it.
        first.append(&mut second);
        for line in first {
            let output = Command::new("sh")
                .args(["-c", &format!("{} -sS --fail-with-body", line.trim())])
                .current_dir(folder.path())
                .env("API", &base)
                .env("TOKEN", token)
                .env("SIZE", package.len().to_string())
                .env("UPLOAD", &upload)
                .output()
                .unwrap();
            let text = format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(output.status.success(), "{line}: {text}");
            if let Some((_, rest)) = text.split_once("location: ") {
                upload =
                    format!("http://{}{}", api.scene.server.address, rest.lines().next().unwrap().trim());
            }
            run += 1;
        }
    }
    assert!(run >= 12, "only {run} commands");
    assert_eq!(api.get("/tokens/ci")["roles"], serde_json::json!(["upload"]));
    assert_eq!(api.get("/categories/tools")["hasIcon"], true);
    assert_eq!(api.get("/packages")["total"], 1, "it was removed, and came again in pieces");
    assert!(folder.path().join("hello.ampkg").exists());
}
