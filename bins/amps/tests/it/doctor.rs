//! `amps doctor`: each finding provoked, and none of them a problem where all is well.

use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    backup::stop,
    process::{Server, amps, run},
    scene::package,
};

fn pki(name: &str) -> PathBuf {
    amps_testkit::fixture("pki").join(name)
}

fn doctor(data: &Path, options: &[&str]) -> (i32, String) {
    let (code, stdout, stderr) = run(amps().arg("doctor").args(options).arg("--dd").arg(data));
    assert_eq!(stderr, "");
    (code.unwrap(), stdout)
}

fn configure(data: &Path, text: &str) {
    let file = data.join("amps-config.yaml");
    fs::write(file, format!("formatType: amps-configuration\nformatVersion: 1\n---\n{text}\n")).unwrap();
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A data directory that only this user can write to, with a package.
fn store() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let files = tempfile::tempdir().unwrap();
    assert!(server.has_taken(&package(files.path(), "a", "1", 1000)));
    stop(server);
    data
}

#[track_caller]
fn has(found: &(i32, String), code: i32, level: &str, words: &[&str]) {
    let line = found
        .1
        .lines()
        .find(|line| line.starts_with(&format!("{level}: ")) && words.iter().all(|word| line.contains(word)));
    assert!(found.0 == code && line.is_some(), "{code} {level} {words:?}: {}", found.1);
    // Whatever is not well has something to do.
    assert!(level == "ok" || line.is_some_and(|line| line.contains("; ")), "{line:?}");
}

#[test]
fn where_all_is_well_there_is_no_problem() {
    let data = store();
    let found = doctor(data.path(), &[]);
    for words in [
        &["this user can write to it, and not everybody"][..],
        &["amps-config.yaml: not there: the defaults count"],
        &["catalog.db: only its owner can read it"],
        &["not set: downloads are not signed"],
        &["hard links work"],
        &["schema version ", ", 1 releases"],
        &["clock: it says 20"],
        &["no server runs in the data directory"],
    ] {
        has(&found, 0, "ok", words);
    }
    assert!(found.1.lines().last().unwrap().starts_with("problems: 0, "), "{}", found.1);
    let (code, json) = doctor(data.path(), &["--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let findings = json["findings"].as_array().unwrap();
    assert_eq!(code, 0);
    assert!(findings.iter().any(|finding| finding["kind"] == "disk-room" && finding["message"].is_string()));
    assert_eq!(crate::scene::names(data.path()), [".amps", ".packages", "remove", "upload"]);
}

#[test]
fn a_server_that_runs_is_asked() {
    let data = store();
    // One that is free now; the server tells if it is not any more.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    configure(data.path(), &format!("listenAddress: '127.0.0.1:{port}'\nprojectId: CAR"));
    let server = Server::with(amps().args(["serve", "--dd"]).arg(data.path()));
    let pid = format!("the server with process id {} has the data directory", server.pid());
    let found = doctor(data.path(), &[]);
    has(&found, 0, "ok", &[&pid]);
    has(&found, 0, "ok", &[&format!("127.0.0.1:{port}: it serves the project `CAR`")]);
    configure(data.path(), &format!("listenAddress: '127.0.0.1:{port}'\nprojectId: BUS"));
    has(&doctor(data.path(), &[]), 0, "warning", &["it does not serve the project `BUS`"]);
    configure(data.path(), "listenAddress: '127.0.0.1:1'");
    has(&doctor(data.path(), &[]), 0, "warning", &["127.0.0.1:1: it does not answer: "]);
    // A lock that was left by a server that was killed.
    server.signal("KILL");
    server.wait();
    assert!(data.path().join(".lock").exists());
    has(&doctor(data.path(), &[]), 0, "ok", &["no server runs"]);
}

#[test]
fn permissions_that_are_too_wide_are_problems() {
    let data = store();
    let path = data.path();
    chmod(path, 0o777);
    has(&doctor(path, &[]), 1, "problem", &["everybody can write to it", "chmod o-w"]);
    chmod(path, 0o700);
    let catalog = path.join(".amps/catalog.db");
    chmod(&catalog, 0o644);
    has(
        &doctor(path, &[]),
        1,
        "problem",
        &["catalog.db: everybody can read it (mode 644), and it holds the hashes of passwords"],
    );
    chmod(&catalog, 0o640);
    has(&doctor(path, &[]), 0, "warning", &["catalog.db: its group can read it"]);
    chmod(&catalog, 0o600);
    let key = path.join("store.p12");
    fs::copy(pki("store.p12"), &key).unwrap();
    chmod(&key, 0o644);
    configure(path, "storeSignCertificate: store.p12\nstoreSignPassword: password");
    chmod(&path.join("amps-config.yaml"), 0o604);
    let found = doctor(path, &[]);
    has(
        &found,
        1,
        "problem",
        &["store.p12: everybody can read it (mode 644), and it holds a key or a password"],
    );
    has(&found, 1, "problem", &["amps-config.yaml: everybody can read it (mode 604)"]);
    for file in [&key, &path.join("amps-config.yaml")] {
        chmod(file, 0o600);
    }
    let found = doctor(path, &[]);
    has(&found, 0, "ok", &["store.p12: the certificate of ", " is valid for "]);
    assert!(!found.1.contains("password`") && found.1.contains("problems: 0"), "{}", found.1);
    has(&doctor(&path.join("nowhere"), &[]), 1, "problem", &["nowhere: it is not there; create it"]);
}

#[test]
fn another_users_files_are_found() {
    let data = store();
    // Root may give files away; others may where they have more than one user to themselves (namespaces).
    let script = "chown 1 \"$0/.amps/catalog.db\" && exec \"$1\" doctor --dd \"$0\"";
    let inside = |words: &[&str]| {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(["sh", "-c", script]).arg(data.path()).arg(env!("CARGO_BIN_EXE_amps"));
        let output = command.output().expect("the commands `env` and `unshare` (util-linux)");
        String::from_utf8(output.stdout).unwrap()
    };
    let said = [&["env"][..], &["unshare", "--map-root-user", "--map-auto"]].map(inside);
    let Some(said) = said.iter().find(|said| !said.is_empty()) else {
        // Not `eprintln!`: a test that passes would keep it to itself.
        let note = "\nnote: this system lets no test give a file to another user: that doctor finds it is not tested\n";
        let _ = std::io::stderr().write_all(note.as_bytes());
        return;
    };
    assert!(said.contains("catalog.db: it belongs to the user 1, and the data directory to 0; "), "{said}");
}

#[test]
fn a_configuration_that_cannot_be_used_is_a_problem() {
    let data = store();
    configure(data.path(), "projectIdd: x");
    has(
        &doctor(data.path(), &[]),
        1,
        "problem",
        &["amps-config.yaml: ", "unknown field `projectIdd`", "correct it"],
    );
    configure(
        data.path(),
        "storeSignCertificate: nowhere.p12\ndeveloperVerificationCaCertificates: ['nowhere.crt']",
    );
    let found = doctor(data.path(), &[]);
    has(&found, 1, "problem", &["`storeSignCertificate` names `nowhere.p12`, and there is no such file"]);
    has(&found, 1, "problem", &["`developerVerificationCaCertificates` names `nowhere.crt`"]);
    configure(data.path(), "deploymentServer: {}");
    has(
        &doctor(data.path(), &[]),
        1,
        "problem",
        &["deploymentServer: it needs `storeSignCertificate`, which is not set"],
    );
    configure(data.path(), "deploymentServer: { noSecurity: true }");
    assert_eq!(doctor(data.path(), &[]).0, 0);
    configure(data.path(), "limits: { connections: 1000000 }");
    has(
        &doctor(data.path(), &[]),
        0,
        "warning",
        &["open files: the system allows ", "and the limits need 1001024"],
    );
}

#[test]
fn certificates_are_looked_at_with_the_servers_options() {
    let data = store();
    let key = data.path().join("store.p12");
    fs::copy(pki("store.p12"), &key).unwrap();
    chmod(&key, 0o600);
    let sc = key.to_str().unwrap();
    has(
        &doctor(data.path(), &["--sc", sc]),
        0,
        "warning",
        &["it has a password, and none is known here", "AMPS_STORE_SIGN_PASSWORD"],
    );
    has(
        &doctor(data.path(), &["--sc", sc, "--sp", "password"]),
        0,
        "ok",
        &["store.p12: the certificate of "],
    );
    let wrong = doctor(data.path(), &["--sc", sc, "--sp", "wrong"]);
    has(&wrong, 1, "problem", &["the password does not open the PKCS#12 file"]);
    let ca = pki("devca.crt");
    has(&doctor(data.path(), &["--dc", ca.to_str().unwrap()]), 1, "problem", &["none of them is a root"]);
}

#[test]
fn a_catalog_that_is_missing_old_or_damaged_is_found() {
    let data = store();
    let catalog = data.path().join(".amps/catalog.db");
    let sql = |statement: &str| {
        let status = Command::new("sqlite3").arg(&catalog).arg(statement).status();
        assert!(status.expect("the command `sqlite3`").success());
    };
    sql("update releases set uploaded_at = 4000000000");
    has(&doctor(data.path(), &[]), 0, "warning", &["clock: it says 20", "but the last upload was at 2096-"]);
    sql("pragma user_version = 1");
    has(
        &doctor(data.path(), &[]),
        0,
        "warning",
        &["catalog.db: it has schema version 1, and this amps ", "make a backup"],
    );
    sql("pragma user_version = 99");
    has(&doctor(data.path(), &[]), 1, "problem", &["schema version 99", "use a newer amps"]);
    fs::write(&catalog, "garbage").unwrap();
    has(&doctor(data.path(), &[]), 1, "problem", &["catalog.db: ", "not a database"]);
    fs::remove_file(&catalog).unwrap();
    has(&doctor(data.path(), &[]), 0, "warning", &["catalog.db: there is none yet"]);
}

#[test]
fn a_disk_that_is_full_is_found() {
    let Some(disk) = crate::disk::Disk::new(20_000) else { return };
    let output =
        disk.shell(&format!("mkdir data; NO_COLOR=1 {} doctor --dd data", env!("CARGO_BIN_EXE_amps")));
    assert!(output.contains("MiB of 19 MiB are free; make room"), "{output}");
    assert!(
        output.lines().any(|line| line.starts_with("problem: ") && line.contains("are free")),
        "{output}"
    );
}

#[test]
fn what_tls_needs_is_looked_at() {
    let data = store();
    let path = |name: &str| data.path().join(name);
    crate::tls::make(data.path());
    chmod(&path("server.key"), 0o600);
    configure(data.path(), "tls: { certificate: server.pem, key: server.key }");
    has(&doctor(data.path(), &[]), 0, "ok", &["server.pem", "`CN=server`, ", " days left"]);
    let server = Server::with(amps().args(["serve", "--la", "127.0.0.1:0", "--dd"]).arg(data.path()));
    let address = server.url.strip_prefix("http://").unwrap();
    configure(
        data.path(),
        &format!("listenAddress: '{address}'\ntls: {{ certificate: server.pem, key: server.key }}"),
    );
    has(&doctor(data.path(), &[]), 0, "ok", &["it speaks TLS"]);
    stop(server);
    chmod(&path("server.key"), 0o644);
    has(&doctor(data.path(), &[]), 1, "problem", &["server.key"]);
    chmod(&path("server.key"), 0o600);
    // Options count more than the file.
    let ca = path("ca.key");
    let found = doctor(
        data.path(),
        &["--tls-certificate", path("server.pem").to_str().unwrap(), "--tls-key", ca.to_str().unwrap()],
    );
    has(&found, 1, "problem", &["server.pem", "key"]);
    fs::write(path("server.pem"), "nothing").unwrap();
    has(&doctor(data.path(), &[]), 1, "problem", &["server.pem"]);
    configure(data.path(), "tls: { clientCa: ca.pem }");
    has(&doctor(data.path(), &[]), 1, "problem", &["no certificate"]);
}
