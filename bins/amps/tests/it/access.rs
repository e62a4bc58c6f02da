//! `amps token`, and who is let in.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::{
    process::{Server, amps, run},
    scene::{package, wait_until},
};

/// Exit code, and standard output or, if it is not 0, standard error.
fn token(data: &Path, words: &[&str]) -> (i32, String) {
    let (code, stdout, stderr) = run(amps().arg("token").args(words).arg("--dd").arg(data));
    let code = code.unwrap();
    assert_eq!(stderr.is_empty(), code == 0, "{stderr}");
    (code, if code == 0 { stdout } else { stderr })
}

fn create(data: &Path, words: &[&str]) -> String {
    let (code, text) = token(data, &[&["create"], words].concat());
    assert_eq!(code, 0, "{text}");
    text.trim_end().to_owned()
}

fn curl(server: &Server, arguments: &[&str], target: &str) -> Output {
    let mut command = Command::new("curl");
    command.args(["--silent", "--noproxy", "*", "--max-time", "60"]).args(arguments);
    command.arg(format!("{}{target}", server.url)).output().unwrap()
}

/// The status of an answer.
fn status(server: &Server, arguments: &[&str], target: &str) -> String {
    let arguments = [&["--output", "/dev/null", "--write-out", "%{http_code}"], arguments].concat();
    String::from_utf8(curl(server, &arguments, target).stdout).unwrap()
}

fn serve(data: &Path, access: &str) -> Server {
    let mut command = amps();
    command.args(["serve", "--la", "localhost:0", "--anonymous-access", access, "--dd"]).arg(data);
    Server::with(&mut command)
}

#[test]
fn a_token_is_made_used_and_revoked_beside_a_server() {
    let data = tempfile::tempdir().unwrap();
    let server = serve(data.path(), "none");
    let file = package(data.path(), "org.ci.a", "1", 10);
    let upload = ["--upload-file", file.to_str().unwrap()];
    assert_eq!(status(&server, &upload, "/package/upload"), "401");
    let ci = create(data.path(), &["--name", "ci", "--role", "upload", "--packages", "org.ci.*"]);
    assert!(ci.starts_with("amps_") && ci.len() == 48, "{ci}");
    let user = format!("ci:{ci}");
    wait_until("the token is known", || status(&server, &["--user", &user], "/hello") == "200");
    assert_eq!(status(&server, &[&upload[..], &["--user", &user]].concat(), "/package/upload"), "200");
    let bearer = format!("Authorization: Bearer {ci}");
    assert_eq!(status(&server, &["--header", &bearer], "/package/download?id=org.ci.a"), "200");
    let remove = ["--header", &bearer, "--data", "id=org.ci.a"];
    assert_eq!(status(&server, &remove, "/package/remove"), "403");
    assert_eq!(token(data.path(), &["revoke", "--name", "ci"]), (0, "ci is revoked\n".into()));
    wait_until("it is revoked", || status(&server, &["--header", &bearer], "/hello") == "401");
    assert_eq!(token(data.path(), &["revoke", "--name", "ci"]), (0, "ci was revoked already\n".into()));
}

#[test]
fn tokens_are_listed_without_their_secrets() {
    let data = tempfile::tempdir().unwrap();
    let words =
        ["--name", "b", "--role", "remove", "--role", "upload", "--packages", "x.?", "--packages", "y"];
    let plain = create(data.path(), &words);
    let object = create(data.path(), &["--name", "a", "--role", "admin", "--expires", "7", "--json"]);
    let object: Value = serde_json::from_str(&object).unwrap();
    let secret = object["token"].as_str().unwrap();
    assert!(secret.starts_with("amps_") && secret != plain);
    assert_eq!(
        (&object["name"], &object["roles"], &object["packages"]),
        (&json!("a"), &json!(["admin"]), &json!([]))
    );
    let end = object["expiresAt"].as_str().unwrap();
    token(data.path(), &["revoke", "--name", "b"]);
    let (_, list) = token(data.path(), &["list"]);
    let lines: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines[0][..4], ["a", "admin", "*", "active"]);
    assert_eq!(lines[0][5], end);
    assert_eq!(lines[1][..4], ["b", "upload,remove", "x.?,y", "revoked"]);
    assert_eq!((lines.len(), lines[1][5]), (2, "-"));
    let (_, text) = token(data.path(), &["list", "--json"]);
    let array: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&array[0]["expiresAt"], &array[0]["revokedAt"]), (&json!(end), &Value::Null));
    assert_eq!((&array[1]["state"], &array[1]["packages"]), (&json!("revoked"), &json!(["x.?", "y"])));
    for secret in [secret, &plain] {
        assert!(!list.contains(secret) && !text.contains(secret));
        let file = fs::read(data.path().join(".amps/catalog.db")).unwrap();
        assert!(!file.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()));
    }
}

#[test]
fn quotas_are_given_and_listed() {
    let data = tempfile::tempdir().unwrap();
    let words =
        ["--name", "a", "--role", "upload", "--uploads-per-day", "20", "--bytes-per-day", "3000", "--json"];
    let object: Value = serde_json::from_str(&create(data.path(), &words)).unwrap();
    assert_eq!((&object["uploadsPerDay"], &object["bytesPerDay"]), (&json!(20), &json!(3000)));
    create(data.path(), &["--name", "b", "--role", "read"]);
    let (_, list) = token(data.path(), &["list"]);
    let ends: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').skip(6).collect()).collect();
    assert_eq!(ends, [["0/20", "0/3000"], ["-", "-"]]);
    let (_, text) = token(data.path(), &["list", "--json"]);
    let array: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&array[0]["uploadsToday"], &array[0]["bytesPerDay"]), (&json!(0), &json!(3000)));
    assert_eq!((&array[1]["uploadsToday"], &array[1]["bytesPerDay"]), (&Value::Null, &Value::Null));
    let wrong = ["create", "--name", "c", "--role", "upload", "--uploads-per-day", "0"];
    let (code, text) = token(data.path(), &wrong);
    assert!(code != 0 && text.contains("0 is not in 1..=9007199254740991"), "{text}");
}

#[test]
fn what_cannot_be_is_refused() {
    let data = tempfile::tempdir().unwrap();
    create(data.path(), &["--name", "ci", "--role", "read"]);
    let many: Vec<&str> =
        ["--name", "x", "--role", "read"].into_iter().chain([["--packages", "a"]; 65].concat()).collect();
    for (words, message) in [
        (&["--name", "ci", "--role", "admin"][..], "ERROR: there is a token with the name `ci` already\n"),
        (
            &["--name", "x", "--role", "root"],
            "`root` is not a role: expected `read`, `upload`, `remove` or `admin`",
        ),
        (&["--name", "a b", "--role", "read"], "the name `a b` has the character ` `"),
        (&["--name", "x", "--role", "read", "--packages", "a b"], "the pattern `a b` has the character ` `"),
        (&["--name", "x", "--role", "read", "--expires", "0"], "0 is not in 1..=36500"),
        (&["--name", "x"], "--role <ROLE>"),
        (&many, "there are 65 patterns, expected at most 64"),
    ] {
        let (code, text) = token(data.path(), &[&["create"], words].concat());
        assert!(code == 1 && text.contains(message), "{words:?}: {code} {text}");
    }
    let (code, text) = token(data.path(), &["revoke", "--name", "x"]);
    assert_eq!((code, text.as_str()), (1, "ERROR: there is no token with the name `x`\n"));
    assert_eq!(token(data.path(), &["list"]).1.lines().count(), 1);
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(token(empty.path(), &["list"]).0, 2);
}

#[test]
fn the_setting_comes_from_the_option_or_the_configuration() {
    let data = tempfile::tempdir().unwrap();
    let config = data.path().join("amps-config.yaml");
    let head = "formatType: amps-configuration\nformatVersion: 1\n---\n";
    fs::write(&config, format!("{head}anonymousAccess: none\n")).unwrap();
    let server = Server::start(data.path());
    assert_eq!(status(&server, &[], "/package/list"), "401");
    drop(server);
    let mut command = amps();
    command
        .args(["serve", "--cc", "--la", "localhost:0", "--anonymous-access", "read", "--dd"])
        .arg(data.path());
    let server = Server::with(&mut command);
    assert_eq!(status(&server, &[], "/package/list"), "200");
    assert_eq!(status(&server, &["--data", "id=a"], "/package/remove"), "401");
    let text = fs::read_to_string(&config).unwrap();
    assert_eq!(text, format!("{head}anonymousAccess: 'read'\nlistenAddress: 'localhost:0'\n"));
    drop(server);
    fs::remove_file(&config).unwrap();
    // On this machine alone, everything is open.
    let server = Server::start(data.path());
    assert_eq!(status(&server, &["--data", "id=a"], "/package/remove"), "200");
    let (code, _, stderr) =
        run(amps().args(["serve", "--anonymous-access", "some", "--dd"]).arg(data.path()));
    assert!(code == Some(1) && stderr.contains("expected `none`, `read` or `all`"), "{stderr}");
}

#[test]
fn a_server_that_others_reach_says_what_they_may_do_unless_somebody_has_decided() {
    // An address that no machine has (RFC 5737): it gets as far as the warning, and nobody can come.
    let warning = "whoever reaches 192.0.2.1:0 may read all packages without a token, and do nothing else: set anonymousAccess";
    for (arguments, is_warned) in
        [(&[][..], true), (&["--anonymous-access", "read"], false), (&["--anonymous-access", "all"], false)]
    {
        let data = tempfile::tempdir().unwrap();
        let mut command = amps();
        command.args(["serve", "--la", "192.0.2.1:0", "--dd"]).arg(data.path()).args(arguments);
        let (code, stdout, stderr) = run(&mut command);
        assert!(code == Some(2) && stderr.contains("cannot listen on 192.0.2.1:0"), "{stderr}");
        assert_eq!(stdout.contains(&format!(" ~ warning  access ({warning}")), is_warned, "{stdout}");
    }
}
