//! TLS as clients see it: versions, protocols, sessions.

use std::{
    io::{Read as _, Write as _},
    process::{Command, Stdio},
    time::Duration,
};

use amps_server::Settings;
use amps_testkit::{PackageBuilder, run};

use crate::{
    client::{connect, request},
    deployment_scene::Scene,
    running::Running,
    tls_pki::{Pki, ask, curl, secured},
};

fn noise(bytes: u32) -> Vec<u8> {
    (0..bytes / 4).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect()
}

/// What `openssl s_client` says, and whether it ended well.
fn s_client(pki: &Pki, server: &Running, options: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &server.address.to_string(), "-verify_return_error", "-CAfile"]);
    command.arg(pki.path("ca.pem")).args(options).stdin(Stdio::null());
    let (code, out, error) = run(&mut command);
    (code, out + error.as_str())
}

#[test]
fn every_version_of_http_and_tls_uploads_and_downloads() {
    let pki = Pki::new();
    let server = pki.serve(|_| {});
    let folder = tempfile::tempdir().unwrap();
    let all: [(&[&str], &str); 6] = [
        (&[], "2"),
        (&["--tls-max", "1.2"], "2"),
        (&["--tlsv1.3", "--http1.1"], "1.1"),
        (&["--http1.0"], "1"), // how it is written depends on curl's version
        (&["--no-alpn"], "1.1"),
        (&["--no-alpn", "--http2-prior-knowledge"], "2"),
    ];
    for (at, (options, version)) in all.into_iter().enumerate() {
        let package = PackageBuilder::hello().version(&format!("{at}")).file("noise", noise(3 << 20)).build();
        let file = folder.path().join("package");
        std::fs::write(&file, &package).unwrap();
        let url = |path: &str| format!("https://{}{path}", server.address);
        let upload = [options, &["-T", file.to_str().unwrap()]].concat();
        let (code, out, body) = curl(&pki, &url("/package/upload"), &upload);
        assert!(code == Some(0) && body.starts_with(br#"{"status":"ok""#), "{options:?}: {out}");
        let (code, out, body) = curl(&pki, &url("/package/download?id=org.example.hello"), options);
        let (found, status) = out.split_once(' ').unwrap();
        assert_eq!(
            (code, status, found.starts_with(version)),
            (Some(0), "200", true),
            "{options:?}: {found}"
        );
        assert!(body == package, "{options:?}");
    }
    assert!(server.console().contains("> TLS: yes, client certificates: none\n"), "{}", server.console());
}

#[test]
fn old_versions_are_refused() {
    let pki = Pki::new();
    let server = pki.serve(|_| {});
    for version in ["-tls1", "-tls1_1"] {
        let (code, text) = s_client(&pki, &server, &[version, "-cipher", "ALL:@SECLEVEL=0"]);
        assert!(code != Some(0) && text.contains("SSL alert number"), "{version}: {text}");
    }
    // openssl does not speak SSL 3 any more: a hello without extensions, with RSA and AES-128-CBC.
    let hello = [&[1, 0, 0, 41, 3, 0][..], &[7; 32], &[0, 0, 2, 0, 47, 1, 0]].concat();
    let mut stream = connect(server.address);
    stream.write_all(&[&[22, 3, 0, 0, 45][..], &hello].concat()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert_eq!((answer.first(), answer.get(5)), (Some(&21), Some(&2)), "a fatal alert: {answer:?}");
    for version in ["-tls1_2", "-tls1_3"] {
        let (code, text) = s_client(&pki, &server, &[version]);
        assert_eq!(code, Some(0), "{version}: {text}");
    }
}

#[test]
fn sessions_are_resumed() {
    let pki = Pki::new();
    let server = pki.serve(|_| {});
    let session = pki.path("session");
    let session = session.to_str().unwrap();
    for version in ["-tls1_2", "-tls1_3"] {
        // A ticket of TLS 1.3 comes with the first answer; `Q` ends before it, a request does not.
        let request = |option: &str| {
            let mut command = Command::new("openssl");
            command.args([
                "s_client",
                "-connect",
                &server.address.to_string(),
                version,
                option,
                session,
                "-ign_eof",
            ]);
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
            let mut child = command.spawn().unwrap();
            let ask = b"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            child.stdin.take().unwrap().write_all(ask).unwrap();
            String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
        };
        assert!(request("-sess_out").contains("\nNew, "), "{version}");
        let again = request("-sess_in");
        assert!(again.contains("\nReused, ") && again.contains("200 OK"), "{version}: {again}");
    }
}

#[test]
fn renegotiation_is_refused() {
    let pki = Pki::new();
    let mut settings = Settings { tls: Some(pki.settings(|_| {})), ..Settings::default() };
    settings.limits.head_time = Duration::from_secs(1);
    let server = Running::with(settings);
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &server.address.to_string(), "-tls1_2"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A line with nothing but `R` asks for it.
    child.stdin.as_mut().unwrap().write_all(b"R\n").unwrap();
    let error = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    // It waits for an answer until it is closed.
    let (_, after) = error.split_once("RENEGOTIATING\n").unwrap();
    assert!(!after.contains("verify return") && after.contains("error"), "{error}");
}

#[test]
fn a_request_without_tls_is_told_so() {
    let pki = Pki::new();
    let server = pki.serve(|_| {});
    for (method, body) in [("GET", &b""[..]), ("PUT", &noise(1 << 20)[..])] {
        let answer = request(server.address, method, "/package/upload", "", body);
        assert_eq!(answer.status, 400);
        let expected = r#"{"error":"plain-http","message":"this port speaks TLS: use https://"}"#;
        assert_eq!(answer.body, expected.as_bytes());
    }
}

#[test]
fn the_deployment_server_is_secured_too_and_says_so_in_its_urls() {
    let pki = Pki::new();
    let scene = Scene::secured(pki.settings(|_| {}));
    let client = pki.trusting(None);
    let hello = ask(scene.address, &client, "/hello?platform=NEPTUNE3&version=2", "").unwrap();
    let cookie = hello.header("set-cookie").unwrap().to_owned();
    assert!(cookie.ends_with("; Secure"), "{cookie}");
    let add = |package: &[u8]| {
        let mut stream = secured(scene.server.address, &client);
        let head =
            format!("PUT /package/upload HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", package.len());
        stream.write_all(&[head.as_bytes(), package].concat()).unwrap();
        crate::client::answer(&mut std::io::BufReader::new(stream), true).json()
    };
    assert_eq!(add(&PackageBuilder::hello().build())["status"], "ok");
    let list = ask(scene.address, &client, "/app/list", &format!("Cookie: {cookie}\r\n")).unwrap().json();
    let icon = list[0]["iconUrl"].as_str().unwrap();
    assert!(icon.starts_with("https://test/"), "{icon}");
}
