//! Releases that are not to be kept: shown, removed by command, removed by a server.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    audit::export,
    process::{Server, amps, run},
    scene::{names, package, wait_until},
};

const HEAD: &str = "formatType: amps-configuration\nformatVersion: 1\n---\n";
const DEPLOYMENT: &str = "deploymentServer: { listenAddress: 'localhost:0', noSecurity: true }\n";

fn configure(data: &Path, text: &str) {
    fs::create_dir_all(data).unwrap();
    fs::write(data.join("amps-config.yaml"), format!("{HEAD}{text}")).unwrap();
}

/// Exit code and what was printed on standard output and error.
fn retention(data: &Path, options: &[&str]) -> (Option<i32>, String, String) {
    run(amps().arg("retention").args(options).arg("--dd").arg(data))
}

/// The versions that would go if only one were kept, as JSON says it.
fn superfluous(data: &Path) -> Vec<String> {
    let (code, out, error) = retention(data, &["--dry-run", "--json", "--versions", "1"]);
    assert_eq!(code, Some(0), "{error}");
    let plan: Value = serde_json::from_str(&out).unwrap();
    let removals = plan["removals"].as_array().unwrap().iter();
    removals.map(|removal| removal["version"].as_str().unwrap().to_owned()).collect()
}

fn blobs(data: &Path) -> usize {
    names(&data.join(".amps/blobs"))
        .iter()
        .map(|folder| names(&data.join(".amps/blobs").join(folder)).len())
        .sum()
}

/// A data directory with versions 1 to 4 of one package.
fn four(folder: &Path) -> std::path::PathBuf {
    let data = folder.join("data");
    configure(&data, DEPLOYMENT);
    let server = Server::start(&data);
    for version in ["1", "2", "3", "4"] {
        assert!(server.has_taken(&package(folder, "a", version, 1000)));
    }
    data
}

#[test]
fn a_dry_run_shows_what_goes_and_removes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = four(folder.path());
    let before = blobs(&data);
    let (code, out, error) = retention(&data, &["--dry-run", "--versions", "2"]);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("would remove: a 1 [all] of 20"), "{out}");
    assert!(
        lines[1].ends_with("(there are newer versions)") && lines[2].starts_with("releases: 2, "),
        "{out}"
    );
    assert_eq!((superfluous(&data), blobs(&data)), (vec!["1".into(), "2".into(), "3".into()], before));
}

#[test]
fn the_command_removes_what_the_settings_do_not_keep() {
    let folder = tempfile::tempdir().unwrap();
    let data = four(folder.path());
    let (code, _, error) = retention(&data, &[]);
    assert_eq!(code, Some(1));
    assert!(error.contains("everything is kept: there is no rule"), "{error}");
    configure(&data, &format!("{DEPLOYMENT}retention: {{ versions: 3 }}\n"));
    let (code, out, error) = retention(&data, &[]);
    assert_eq!(code, Some(0), "{error}");
    assert!(out.starts_with("removed: a 1 [all] of 20"), "{out}");
    assert_eq!(superfluous(&data), ["2", "3"]);
    // What is given counts before what is configured.
    let (_, out, _) = retention(&data, &["--versions", "1", "--json"]);
    let plan: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(plan["dryRun"], false);
    assert_eq!(plan["removals"].as_array().unwrap().len(), 2);
    let left = plan["bytesAfter"].as_u64().unwrap();
    // With the icon that all have.
    assert_eq!((superfluous(&data), blobs(&data)), (vec![], 2));
    assert!(left > 0 && left < plan["bytesBefore"].as_u64().unwrap());
    let removed: Vec<Value> =
        export(&data, &[]).0.into_iter().filter(|entry| entry["action"] == "package.remove").collect();
    assert_eq!(removed.len(), 3, "{removed:?}");
    for entry in removed {
        assert_eq!((&entry["actorKind"], &entry["channel"]), (&"system".into(), &"command".into()));
        assert_eq!(entry["details"]["because"], "versions");
    }
    let server = Server::start(&data);
    assert_eq!(server.download("a"), fs::read(folder.path().join("a 4.ampkg")).unwrap());
}

#[test]
fn beside_a_server_it_only_shows() {
    let folder = tempfile::tempdir().unwrap();
    let data = four(folder.path());
    let _server = Server::start(&data);
    let (code, _, error) = retention(&data, &["--versions", "1"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("in use by the server") && error.contains("--dry-run"), "{error}");
    assert_eq!(superfluous(&data), ["1", "2", "3"]);
}

#[test]
fn a_server_removes_at_its_start_and_after_each_upload() {
    let folder = tempfile::tempdir().unwrap();
    let data = four(folder.path());
    configure(&data, &format!("{DEPLOYMENT}retention: {{ versions: 2 }}\n"));
    let server = Server::start(&data);
    wait_until("two are left", || superfluous(&data) == ["3"]);
    let by_rule = |entry: &&Value| entry["actor"] == "retention" && entry["channel"] == "server";
    let entries = export(&data, &[]).0;
    assert_eq!(entries.iter().filter(by_rule).count(), 2);
    let started = entries.iter().rfind(|entry| entry["action"] == "server.start").unwrap();
    assert_eq!(started["details"]["retentionVersions"], "2");
    assert!(server.has_taken(&package(folder.path(), "a", "5", 1000)));
    wait_until("two are left again", || superfluous(&data) == ["4"]);
    // With the icon that all have.
    assert_eq!(blobs(&data), 3);
    server.signal("TERM");
    let (code, out, error) = server.wait();
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert!(out.contains("> Retention:\n - retiring a [all] 1 (there are newer versions)\n"), "{out}");
}

#[test]
fn a_server_without_rules_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let data = four(folder.path());
    let server = Server::start(&data);
    assert!(server.has_taken(&package(folder.path(), "a", "5", 1000)));
    assert_eq!(superfluous(&data), ["1", "2", "3", "4"]);
}

#[test]
fn rules_that_do_nothing_are_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for (text, expected) in [
        ("retention: { versions: 2 }", Some("(`versions` has no effect: ")),
        ("retention: { ageDays: 9, totalBytes: 9 }", Some("(`ageDays`, `totalBytes` has no effect: ")),
        ("retention: { ageDays: 9, newest: remove }", None),
    ] {
        configure(&data, &format!("{text}\n"));
        let server = Server::start(&data);
        assert_eq!(server.banner.contains("~ warning  retention "), expected.is_some(), "{}", server.banner);
        assert!(expected.is_none_or(|expected| server.banner.contains(expected)), "{}", server.banner);
    }
}

#[test]
fn a_package_server_can_end_packages_by_their_size() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let packages = ["a", "b", "c"].map(|id| package(folder.path(), id, "1", 20_000));
    let two: u64 = packages.iter().map(|file| fs::metadata(file).unwrap().len()).sum::<u64>() * 3 / 4;
    configure(&data, &format!("retention: {{ totalBytes: {two}, newest: remove }}\n"));
    let server = Server::start(&data);
    for file in &packages {
        assert!(server.has_taken(file));
    }
    wait_until("the oldest one is gone", || server.download("a").is_empty());
    assert!(!server.download("b").is_empty() && !server.download("c").is_empty());
    assert_eq!(names(&data.join(".packages")), ["b_all.ampkg", "c_all.ampkg"]);
}
