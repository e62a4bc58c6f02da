//! `amps serve`: options, configuration, start and end.

use std::fs;

use crate::process::{Server, amps, fixture, run};

#[test]
fn takes_a_package_and_gives_it_back_to_curl() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data.path().join("new"));
    let folder = data.path().join("new").canonicalize().unwrap();
    let expected = format!(
        "amps {}\n> Data directory: {}\n> Project: PROJECT\n> Verify developer signature on upload: no\n\
         > Add store signature on download: no\n> Scanning .packages\n (none found)\n> HTTP server listening on: {}\n",
        env!("CARGO_PKG_VERSION"),
        folder.display(),
        server.url.trim_start_matches("http://")
    );
    assert_eq!(server.banner, expected);
    assert_eq!(
        server.upload(&fixture("qt6/hello.ampkg")),
        r#"{"status":"ok","result":"added","id":"org.example.hello","architecture":"all"}"#
    );
    let package = server.curl(&[], "/package/download?id=org.example.hello&architecture=all");
    assert!(package == fs::read(fixture("qt6/hello.ampkg")).unwrap());
    server.signal("TERM");
    let (code, stdout, stderr) = server.wait();
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(stdout, "> Upload via HTTP:\n + adding   org.example.hello [all]\n");
    assert!(!folder.join(".lock").exists());
}

#[test]
fn ends_on_ctrl_c() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    server.signal("INT");
    assert_eq!(server.wait(), (Some(0), String::new(), String::new()));
}

#[test]
fn a_second_server_is_told_who_was_first() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let (code, stdout, stderr) = run(amps().args(["serve", "--la", "localhost:0", "--dd"]).arg(data.path()));
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    let expected = format!("is in use by the server with process id {}\n", server.pid());
    assert!(stderr.starts_with("ERROR: the data directory `") && stderr.contains(&expected), "{stderr}");
}

#[test]
fn settings_come_from_the_configuration_unless_an_option_says_otherwise() {
    let data = tempfile::tempdir().unwrap();
    let config = "formatType: amps-configuration\nformatVersion: 1\n---\nlistenAddress: '127.0.0.1:0'\nprojectId: CAR\n";
    fs::write(data.path().join("amps-config.yaml"), config).unwrap();
    // Without --dd, the directory that one stands in counts if it has a configuration.
    let server = Server::with(amps().arg("serve").current_dir(data.path()));
    assert!(server.banner.contains("> Project: CAR\n"), "{}", server.banner);
    drop(server);
    let server = Server::with(amps().args(["serve", "--pi", "OTHER"]).current_dir(data.path()));
    assert!(server.banner.contains("> Project: OTHER\n"), "{}", server.banner);
}

#[test]
fn a_configuration_with_an_error_stops_it_with_file_and_line() {
    let data = tempfile::tempdir().unwrap();
    let config = data.path().join("amps-config.yaml");
    for (fields, message) in [
        (
            "projektId: X",
            "line 4, column 1: unknown field `projektId`: expected one of listenAddress, projectId, anonymousAccess, nativeApi, webInterface, storeSignCertificate, storeSignPassword, developerVerificationCaCertificates, developerVerificationCrls, signerKeyUsage, limits, retention, trustedProxies, deploymentServer, tls, management, audit",
        ),
        (
            "listenAddress: nowhere",
            "line 4, column 16: `nowhere` is not a listen address: expected `<ip>`, `any` or `localhost`, optionally with `:port`",
        ),
        ("a: [", "line 5, column 1: while parsing a node, did not find expected node content"),
    ] {
        fs::write(&config, format!("formatType: amps-configuration\nformatVersion: 1\n---\n{fields}\n"))
            .unwrap();
        let (code, stdout, stderr) = run(amps().args(["serve", "--dd"]).arg(data.path()));
        let expected = format!("ERROR: `{}` is not a valid configuration: {message}\n", config.display());
        assert_eq!((code, stdout.as_str(), stderr), (Some(2), "", expected));
    }
}

#[test]
fn bad_options_end_with_1_and_help_with_0() {
    for (arguments, code) in [
        (&["serve", "--nonsense"][..], 1),
        (&["serve", "--la", "nowhere"], 1),
        (&["serve", "--pi", ""], 1),
        (&["nonsense"], 1),
        (&[], 1),
        (&["--help"], 0),
        (&["serve", "--help"], 0),
        (&["--version"], 0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (found, stdout, stderr) = run(amps().args(arguments).current_dir(folder.path()));
        assert_eq!((found, stdout.is_empty()), (Some(code), code != 0), "{arguments:?}: {stdout}{stderr}");
        assert_eq!(stderr.is_empty(), code == 0, "{arguments:?}");
    }
}

#[test]
fn without_a_data_directory_it_shows_how_it_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = run(amps().arg("serve").current_dir(folder.path()));
    assert_eq!(code, Some(1));
    assert!(stdout.contains("Usage: amps serve"), "{stdout}");
    assert!(
        stderr.starts_with("ERROR: there is no data directory\nhint: name one: amps serve --dd DIR"),
        "{stderr}"
    );
}

#[test]
fn an_address_that_is_taken_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let data = tempfile::tempdir().unwrap();
    let (code, _, stderr) = run(amps().args(["serve", "--la", &address, "--dd"]).arg(data.path()));
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with(&format!("ERROR: cannot listen on {address}: ")), "{stderr}");
    assert!(!data.path().join(".lock").exists());
}

#[test]
fn a_data_directory_that_cannot_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let (code, _, stderr) = run(amps().args(["serve", "--dd"]).arg(&file));
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("ERROR: cannot "), "{stderr}");
}
