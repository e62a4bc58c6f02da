//! The audit trail of a server, and the commands that read it.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    process::{Server, amps, run},
    scene::package,
};

/// The entries of a data directory, and the head that the command prints.
pub(crate) fn export(data: &Path, arguments: &[&str]) -> (Vec<Value>, String) {
    let output = amps().args(["audit", "export", "--dd"]).arg(data).args(arguments).output().unwrap();
    let (out, log) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{log}");
    assert_eq!(log, "");
    let mut lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let head = lines.pop().unwrap()["head"].as_str().unwrap().to_owned();
    (lines, head)
}

/// What `amps audit verify` says, and its exit code.
pub(crate) fn verify(data: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = amps().args(["audit", "verify", "--dd"]).arg(data).args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

fn text<'v>(entry: &'v Value, key: &str) -> &'v str {
    entry[key].as_str().unwrap_or("-")
}

/// Entries as lines: action, result, code, channel, kind of actor, package, object.
fn lines(entries: &[Value]) -> Vec<String> {
    let keys = ["action", "result", "code", "channel", "actorKind", "package", "object"];
    entries.iter().map(|entry| keys.map(|key| text(entry, key)).join(" ")).collect()
}

fn sqlite(data: &Path, sql: &str) {
    let catalog = data.join(".amps/catalog.db");
    let status = std::process::Command::new("sqlite3").arg(catalog).arg(sql).status().unwrap();
    assert!(status.success(), "{sql}");
}

#[test]
fn what_happens_to_a_server_is_in_its_trail() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config = "formatType: amps-configuration\nformatVersion: 1\n---\nanonymousAccess: read\n\
        trustedProxies: [127.0.0.1/32, '::1/128']\n";
    fs::write(data.path().join("amps-config.yaml"), config).unwrap();
    let create = |name: &str, role: &str, more: &[&str]| {
        let mut command = amps();
        command.args(["token", "create", "--name", name, "--role", role, "--dd"]).arg(data.path()).args(more);
        let output = command.output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let server = Server::start(data.path());
    let token = create("ci", "upload", &[]);
    let other = create("ops", "remove", &["--packages", "b"]);
    let file = package(files.path(), "a", "1", 1000);
    let bearer = |token: &str| format!("Authorization: Bearer {token}");
    let upload = |header: &str| {
        let path = file.to_str().unwrap();
        let from = ["--header", "X-Request-Id: my-request", "--header", "X-Forwarded-For: 198.51.100.7"];
        server.curl(&[&["--header", header, "--upload-file", path], &from[..]].concat(), "/package/upload");
    };
    upload(&bearer(&token));
    upload("X-Nothing: 1");
    upload(&bearer(&other));
    for _ in 0..20 {
        upload(&bearer("amps_wrong"));
    }
    server.curl(&["--header", &bearer(&other), "--data", "id=a"], "/package/remove");
    server.signal("TERM");
    assert_eq!(server.wait().0, Some(0));
    let (entries, head) = export(data.path(), &[]);
    let mut found: Vec<_> = lines(&entries).iter().map(|line| line.replace("::1", "127.0.0.1")).collect();
    // What is counted may be in two entries, if a minute ends meanwhile.
    found.sort();
    found.dedup();
    assert_eq!(
        found,
        [
            "access.denied refused missing-role package-server token - /package/upload",
            "access.denied refused no-credentials package-server anonymous - /package/upload",
            "access.denied refused wrong-credentials package-server anonymous - /package/upload",
            "package.remove refused out-of-scope package-server token a -",
            "package.upload ok - package-server token a upload from 127.0.0.1",
            "server.start ok - server server - -",
            "server.stop ok - server server - -",
            "token.create ok - command system - ci",
            "token.create ok - command system - ops",
        ]
    );
    let of = |action: &str| entries.iter().find(|entry| text(entry, "action") == action).unwrap();
    let uploaded = of("package.upload");
    assert_eq!((text(uploaded, "actor"), text(uploaded, "request")), ("ci", "my-request"));
    assert_eq!(text(uploaded, "address"), "198.51.100.7", "that of the client, not of the proxy");
    assert_eq!(text(&uploaded["details"], "version"), "1");
    let wrong = entries.iter().filter(|entry| text(entry, "code") == "wrong-credentials");
    assert_eq!(wrong.map(|entry| entry["count"].as_u64().unwrap()).sum::<u64>(), 20);
    let all = fs::read(data.path().join(".amps/catalog.db")).unwrap();
    assert!(!all.windows(token.len()).any(|bytes| bytes == token.as_bytes()));
    let (code, said) = verify(data.path(), &["--expect-head", &head]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.ends_with(&format!("head: {head}\n")), "{said}");
    // A little more, and the old head is still there.
    create("third", "read", &[]);
    let hash = head.split_once(':').unwrap().1;
    assert_eq!(verify(data.path(), &["--expect-head", hash]).0, Some(0));
    let (later, _) = export(data.path(), &["--since", "2100-01-01"]);
    assert!(later.is_empty());
    let csv = run(amps().args(["audit", "export", "--csv", "--dd"]).arg(data.path()));
    assert_eq!(format!("{csv:?}").matches("package.upload").count(), 1, "{csv:?}");
}

#[test]
fn what_was_changed_behind_its_back_is_found() {
    let data = tempfile::tempdir().unwrap();
    fs::create_dir(data.path().join(".amps")).unwrap();
    for name in ["a", "b", "c"] {
        let mut create = amps();
        create.args(["create-category", "--name", name, "--dd"]).arg(data.path());
        assert!(create.output().unwrap().status.success());
    }
    let (entries, head) = export(data.path(), &[]);
    assert_eq!(lines(&entries)[0], "category.create ok - command system - a");
    let everything = "UPDATE audit_state SET head_sequence = 2, head_hash = (SELECT hash FROM audit_entries WHERE sequence = 2); \
        DELETE FROM audit_entries WHERE sequence = 3;";
    sqlite(
        data.path(),
        &format!("DROP TRIGGER audit_state_goes_on; DROP TRIGGER audit_entries_stay; {everything}"),
    );
    // What is left is in order, and only who has kept the head knows.
    assert_eq!(verify(data.path(), &[]).0, Some(0));
    let (code, said) = verify(data.path(), &["--expect-head", &head]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("broken: the trail does not have {head}")), "{said}");
    sqlite(
        data.path(),
        "DROP TRIGGER audit_entries_stay_as_they_are; UPDATE audit_entries SET object = 'x' WHERE sequence = 1",
    );
    let (code, said) = verify(data.path(), &[]);
    assert_eq!((code, said.starts_with("broken: entry 1 was changed")), (Some(1), true), "{said}");
    assert_eq!(verify(&data.path().join("nowhere"), &[]).0, Some(2));
}

#[test]
fn wrong_options_are_refused() {
    for arguments in [["--since", "yesterday"], ["--since", "2026-02-30"]] {
        let output = amps().args(["audit", "export", "--dd", "."]).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
    }
    assert_eq!(verify(Path::new("."), &["--expect-head", "1:abc"]).0, Some(1));
}
