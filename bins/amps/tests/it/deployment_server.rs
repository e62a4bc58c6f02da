//! The deployment server as a process: settings, and secrets that stay out of its log.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    audit::export,
    process::{Server, amps, fixture, run},
};

const FORMAT: &str = "formatType: amps-configuration\nformatVersion: 1\n---\n";
/// Stands nowhere else, so that whoever finds it has found the secret.
const PASSWORD: &str = "Xyzzy-Plugh-4711";

pub(crate) fn configure(data: &Path, deployment: &str) {
    fs::write(data.join("amps-config.yaml"), format!("{FORMAT}{deployment}\n")).unwrap();
}

pub(crate) fn serve(data: &Path) -> Command {
    let mut command = amps();
    command.args(["serve", "--la", "localhost:0", "--dd"]).arg(data);
    command
}

/// What curl prints for the deployment server of a server.
pub(crate) fn curl(server: &Server, arguments: &[&str], path: &str) -> String {
    let (_, rest) = server.banner.split_once("Deployment server listening on: ").unwrap();
    let url = format!("http://{}{path}", rest.lines().next().unwrap());
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "60"])
        .args(arguments)
        .arg(url)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) const OPEN: &str = "deploymentServer: { listenAddress: 'localhost:0', noSecurity: true }";

#[test]
fn passwords_and_tokens_are_not_logged() {
    let data = tempfile::tempdir().unwrap();
    configure(data.path(), OPEN);
    let server = Server::with(serve(data.path()).args(["--log-level", "trace"]));
    let mut create = amps();
    create.args(["create-superuser", "--username", "ada", "--password-stdin", "--dd"]).arg(data.path());
    let mut create = create.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    writeln!(create.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(create.wait().unwrap().success());
    assert!(server.upload(&fixture("qt6/hello.ampkg")).contains("\"ok\""));

    let jar = data.path().join("cookies");
    let jar = ["--cookie", jar.to_str().unwrap(), "--cookie-jar", jar.to_str().unwrap()];
    let login = format!("/login?username=ada&password={PASSWORD}");
    assert_eq!(curl(&server, &jar, &login), r#"{"status":"ok"}"#);
    assert_eq!(curl(&server, &jar, &format!("{login}x")), r#"{"status":"authentication-failed"}"#);
    let form = format!("username=ada&password={PASSWORD}");
    assert_eq!(curl(&server, &["--data", &form], "/login"), r#"{"status":"ok"}"#);
    let upload = curl(&server, &["--user", &format!("ada:{PASSWORD}"), "--form", "description=x"], "/upload");
    assert_eq!(upload, r#"{"status":"no short description"}"#);
    let purchase = curl(&server, &jar, "/app/purchase?id=org.example.hello&device_id=car-4711");
    let (_, token) = purchase.split_once("/app/download/").unwrap();
    let token = token.split('"').next().unwrap();
    assert!(!curl(&server, &["--fail"], &format!("/app/download/{token}")).is_empty());

    // The password in the wrong place.
    curl(&server, &[], &format!("/login?username={PASSWORD}&password=x"));

    let cookies = fs::read_to_string(data.path().join("cookies")).unwrap();
    let session = cookies.split_whitespace().last().unwrap();
    server.signal("TERM");
    let (code, stdout, stderr) = server.wait();
    assert_eq!(code, Some(0));
    for path in [r#"path="/login""#, r#"path="/app/purchase""#, r#"path="/app/download/""#] {
        assert!(stderr.contains(path), "{path}: {stderr}");
    }
    for secret in [PASSWORD, token, session, "car-4711"] {
        assert!(!stderr.contains(secret) && !stdout.contains(secret), "{secret}: {stdout}{stderr}");
    }
    // Nor are they in the audit trail, which has what was done with them.
    let (entries, _) = export(data.path(), &[]);
    let text = format!("{entries:?}");
    for secret in [PASSWORD, token, session, "car-4711"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let said = |entry: &serde_json::Value| {
        let word = |key: &str| entry[key].as_str().unwrap_or("-").to_owned();
        format!("{} {} {} {}", word("action"), word("result"), word("actor"), word("object"))
    };
    let mut said: Vec<String> =
        entries.iter().map(said).filter(|line| !line.starts_with("server.")).collect();
    said.sort();
    said.retain(|line| !line.starts_with("user.create ok"));
    let expected = [
        "login ok ada ada",
        "login ok ada ada",
        "login ok ada ada",
        "login refused - -",
        "login refused - ada",
        "package.upload ok - upload from 127.0.0.1",
        "purchase ok ada -",
    ];
    assert_eq!(said, expected);
    let purchase = entries.iter().find(|entry| entry["action"] == "purchase").unwrap();
    assert_eq!(purchase["device"].as_str().map(str::len), Some(32));
}

#[test]
fn variables_of_the_django_server_go_before_the_configuration() {
    let data = tempfile::tempdir().unwrap();
    configure(data.path(), "deploymentServer: { listenAddress: 'localhost:0', platformId: CAR }");
    let variables =
        [("APPSTORE_NO_SECURITY", "1"), ("APPSTORE_PLATFORM_ID", "BUS"), ("APPSTORE_PLATFORM_VERSION", "9")];
    let server = Server::with(serve(data.path()).envs(variables));
    assert_eq!(curl(&server, &[], "/hello?platform=BUS&version=9"), r#"{"status":"ok"}"#);
    assert_eq!(curl(&server, &[], "/hello?platform=CAR&version=9"), r#"{"status":"incompatible-platform"}"#);
    drop(server);
    let (code, _, stderr) = run(serve(data.path()).env("APPSTORE_NO_SECURITY", "perhaps"));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("`APPSTORE_NO_SECURITY` is `perhaps`: expected true or false"), "{stderr}");
}

#[test]
fn without_the_configuration_there_is_none() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::with(serve(data.path()).env("APPSTORE_NO_SECURITY", "perhaps"));
    assert!(!server.banner.contains("Deployment server"), "{}", server.banner);
}

#[test]
fn what_is_missing_for_signatures_is_named() {
    let data = tempfile::tempdir().unwrap();
    configure(data.path(), "deploymentServer: {}");
    let (code, _, stderr) = run(&mut serve(data.path()));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("the deployment server needs `storeSignCertificate`"), "{stderr}");
    assert!(stderr.contains("`noSecurity: true`"), "{stderr}");
}
