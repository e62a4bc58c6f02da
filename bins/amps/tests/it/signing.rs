//! Signatures: `amps serve` with keys, `amps verify-upload-package`, `amps store-sign-package`.

use std::{fs, path::Path, process::Command};

use amps_core::{
    CertificateFiles, Clock as _, Limits, Password, SystemClock, create_development_pki, developer_sign_file,
    verify_file,
};

use crate::{
    audit::export,
    process::{Server, amps, fixture, run},
};

fn pki(name: &str) -> String {
    fixture("../pki").join(name).to_str().unwrap().to_owned()
}

/// A server that verifies developers and signs downloads; the password comes from the environment.
fn signing(data: &Path) -> Server {
    Server::with(
        amps()
            .args(["serve", "--la", "localhost:0", "--sc", &pki("store.p12"), "--dc", &pki("devca.crt")])
            .args(["--dc", &pki("ca.crt"), "--dd"])
            .arg(data)
            .env("AMPS_STORE_SIGN_PASSWORD", "password"),
    )
}

/// Exit code of `amps verify-upload-package` for a package, and what it printed.
fn verify(package: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    run(amps().arg("verify-upload-package").arg(package).args(arguments))
}

#[test]
fn signed_downloads_are_counted_in_the_audit_trail_for_each_device() {
    let data = tempfile::tempdir().unwrap();
    let server = signing(data.path());
    assert!(server.upload(&fixture("qt6/hello-dev1.ampkg")).contains("\"added\""));
    server.upload(&fixture("qt6/hello-other.ampkg"));
    for device in ["car-1", "car-2", "car-1", "car-1"] {
        server.curl(&[], &format!("/package/download?id=org.example.hello&hardware-id={device}"));
    }
    server.signal("TERM");
    assert_eq!(server.wait().0, Some(0));
    let (entries, _) = export(data.path(), &[]);
    let signed: Vec<_> = entries.iter().filter(|entry| entry["action"] == "package.sign").collect();
    let mut counts: Vec<u64> = signed.iter().map(|entry| entry["count"].as_u64().unwrap()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 3]);
    assert_ne!(signed[0]["device"], signed[1]["device"]);
    let uploads: Vec<_> = entries.iter().filter(|entry| entry["action"] == "package.upload").collect();
    let codes: Vec<_> = uploads.iter().map(|entry| entry["code"].as_str()).collect();
    assert_eq!(codes, [None, Some("signature")]);
    let catalog = fs::read(data.path().join(".amps/catalog.db")).unwrap();
    assert!(!catalog.windows(4).any(|bytes| bytes == b"car-"));
}

#[test]
fn the_server_verifies_developers_and_signs_for_each_device() {
    let data = tempfile::tempdir().unwrap();
    let server = signing(data.path());
    for line in ["> Verify developer signature on upload: yes\n", "> Add store signature on download: yes\n"]
    {
        assert!(server.banner.contains(line), "{}", server.banner);
    }
    assert_eq!(
        server.upload(&fixture("qt6/hello.ampkg")),
        r#"{"status":"fail","message":"no developer signature"}"#
    );
    let refused = server.upload(&fixture("qt6/hello-other.ampkg"));
    assert!(refused.starts_with(r#"{"status":"fail","message":"invalid developer signature: "#), "{refused}");
    assert!(server.upload(&fixture("qt6/hello-dev1.ampkg")).contains("\"added\""));

    let get = |device: &str| {
        server.curl(&[], &format!("/package/download?id=org.example.hello&hardware-id={device}"))
    };
    let first = get("car-1");
    assert!(get("car-1") == first && get("car-2") != first && get("") != first);
    let head = String::from_utf8(
        server.curl(&["--head"], "/package/download?id=org.example.hello&hardware-id=car-1"),
    );
    assert!(head.unwrap().to_lowercase().contains(&format!("content-length: {}", first.len())));
    // The password is in no place where others can see it.
    let line = fs::read(format!("/proc/{}/cmdline", server.pid())).unwrap();
    assert!(!String::from_utf8_lossy(&line).contains("password"));
    let bad = server
        .curl(&["--write-out", "%{http_code}"], "/package/download?id=org.example.hello&hardware-id=a%00b");
    let bad = String::from_utf8(bad).unwrap();
    assert!(bad.ends_with("400") && !bad.contains("a\0b"), "{bad}");

    let signed = data.path().join("signed.ampkg");
    fs::write(&signed, &first).unwrap();
    for (program, argument) in [("gzip", "-t"), ("tar", "-tz")] {
        let input = fs::File::open(&signed).unwrap();
        assert!(
            Command::new(program).arg(argument).stdin(input).output().unwrap().status.success(),
            "{program}"
        );
    }
    server.signal("TERM");
    let (code, stdout, stderr) = server.wait();
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(!stdout.contains("car-"), "{stdout}");
}

#[test]
fn keys_can_be_configured() {
    let data = tempfile::tempdir().unwrap();
    fs::copy(pki("store.p12"), data.path().join("store.p12")).unwrap();
    let config = "formatType: amps-configuration\nformatVersion: 1\n---\nlistenAddress: 'localhost:0'\n\
        storeSignCertificate: store.p12\nstoreSignPassword: password\n";
    fs::write(data.path().join("amps-config.yaml"), config).unwrap();
    let server = Server::with(amps().args(["serve", "--dd"]).arg(data.path()));
    assert!(server.banner.contains("> Add store signature on download: yes\n"), "{}", server.banner);
}

#[test]
fn a_key_that_cannot_be_used_stops_the_server_without_telling_the_password() {
    let data = tempfile::tempdir().unwrap();
    for (key, password, message) in [
        ("store.p12", "not-the-one", "password"),
        ("store-nokey.p12", "password", "key"),
        ("dev-expired.p12", "password", "has been expired since 2020-"),
        ("ca.crt", "password", "cannot be used"),
        ("nowhere.p12", "password", "cannot read"),
    ] {
        let mut command = amps();
        command
            .args(["serve", "--la", "localhost:0", "--sc", &pki(key), "--sp", password, "--dd"])
            .arg(data.path());
        let (code, stdout, stderr) = run(&mut command);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{key}: {stderr}");
        assert!(stderr.starts_with("ERROR: ") && stderr.contains(message), "{stderr}");
        assert!(!stderr.contains("not-the-one"), "{stderr}");
    }
}

/// `amps-packager create-pki` makes the keys, and says how to serve with them.
#[test]
fn keys_to_try_things_out_with_serve_as_their_readme_says() {
    let folder = tempfile::tempdir().unwrap();
    let (pki, now) = (folder.path().join("pki"), SystemClock.now());
    let readme = create_development_pki(&pki, None, now).unwrap();
    let line = readme.lines().find_map(|line| line.strip_prefix("    amps serve ")).unwrap();
    let mut command = amps();
    command.arg("serve").args(line.split(' ')).args(["--la", "localhost:0"]).current_dir(&pki);
    let server = Server::with(command.env("AMPS_STORE_SIGN_PASSWORD", "password"));
    for line in ["> Verify developer signature on upload: yes\n", "> Add store signature on download: yes\n"]
    {
        assert!(server.banner.contains(line) && !server.banner.contains("warning"), "{}", server.banner);
    }
    let (hello, limits) = (fixture("qt6/hello.ampkg"), Limits::default());
    for (key, expected) in [
        ("dev1.p12", "\"status\":\"ok\""),
        ("dev-revoked.p12", "revoked"),
        ("dev-ec.p12", "\"status\":\"ok\""),
    ] {
        let (store, store_password) = (Some(pki.join(key)), Some(Password::from("password")));
        let files = CertificateFiles { store, store_password, ..CertificateFiles::default() };
        let (signer, verified) =
            (files.load(now).unwrap().store.unwrap(), verify_file(&hello, None, now, &limits).unwrap());
        let package = folder.path().join("signed.ampkg");
        developer_sign_file(&hello, &package, &verified, &*signer, now, &limits).unwrap();
        let answer = server.upload(&package);
        assert!(answer.contains(expected), "{key}: {answer}");
    }
    let get = |device: &str| {
        server.curl(&["--fail"], &format!("/package/download?id=org.example.hello&hardware-id={device}"))
    };
    assert!(!get("car-1").is_empty() && get("car-1") != get("car-2"));
}

#[test]
fn an_expired_ca_is_a_warning() {
    let data = tempfile::tempdir().unwrap();
    let mut command = amps();
    command.args(["serve", "--la", "localhost:0", "--dc", &pki("dev-expired.crt"), "--dd"]).arg(data.path());
    let server = Server::with(&mut command);
    assert!(
        server.banner.contains(" ~ warning  certificates (") && server.banner.contains("expired since 2020-")
    );
}

#[test]
fn verify_upload_package_says_what_it_found() {
    let (ca, devca) = (pki("ca.crt"), pki("devca.crt"));
    let certificates = ["--dc", devca.as_str(), "--dc", ca.as_str()];
    let (code, stdout, stderr) = verify(&fixture("qt6/hello-dev1.ampkg"), &certificates);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(
        stdout,
        "id: org.example.hello\nversion: 1.0\narchitecture: all\narchive: ok (3 entries)\n\
         digest: ok (Qt 6 and Qt 5)\ndeveloper signature: ok\ndeployment server: ok\nvalid\n"
    );
    assert_eq!(verify(&fixture("qt6/hello.ampkg"), &[]).0, Some(0));
    for (name, reason) in [
        ("qt6/hello.ampkg", "no developer signature"),
        ("qt6/hello-other.ampkg", "invalid developer signature: "),
        ("bad/tampered-file.ampkg", "package digest mismatch"),
        ("bad/empty-file.ampkg", "the file is empty"),
    ] {
        let (code, stdout, _) = verify(&fixture(name), &certificates);
        assert!(code == Some(1) && stdout.starts_with(&format!("not valid: {reason}")), "{name}: {stdout}");
    }
    for arguments in [&["--dc", "/nowhere"][..], &["--nonsense"]] {
        let code = verify(&fixture("qt6/hello.ampkg"), arguments).0;
        assert_eq!(code, Some(if arguments.len() == 2 { 2 } else { 1 }), "{arguments:?}");
    }
    assert_eq!(verify(Path::new("/nowhere"), &[]).0, Some(2));
}

#[test]
fn store_sign_package_verifies_and_signs() {
    let folder = tempfile::tempdir().unwrap();
    let (out, input) = (folder.path().join("out.ampkg"), fixture("qt6/hello-dev1.ampkg"));
    let sign = |input: &Path, device: Option<&str>, variables: &[(&str, String)]| {
        let mut command = amps();
        command.arg("store-sign-package").arg(input).arg(&out).args(device);
        run(command.envs(variables.iter().map(|(name, value)| (*name, value.clone()))))
    };
    // The variables of the Django server still work.
    let variables = [
        ("APPSTORE_STORE_SIGN_PKCS12_CERTIFICATE", pki("store.p12")),
        ("APPSTORE_STORE_SIGN_PKCS12_PASSWORD", "password".to_owned()),
        ("APPSTORE_DEV_VERIFY_CA_CERTIFICATES", format!("{}:{}", pki("devca.crt"), pki("ca.crt"))),
    ];
    assert_eq!(sign(&input, Some("device-0815"), &variables), (Some(0), String::new(), String::new()));
    let signed = fs::read(&out).unwrap();
    assert_eq!(sign(&input, None, &variables).0, Some(0));
    assert!(fs::read(&out).unwrap() != signed);
    assert_eq!(verify(&out, &["--dc", &pki("chain.crt")]).0, Some(0));

    fs::remove_file(&out).unwrap();
    let (code, _, stderr) = sign(&fixture("qt6/hello.ampkg"), None, &variables);
    assert_eq!((code, stderr.as_str()), (Some(1), "ERROR: no developer signature\n"));
    let (code, _, stderr) = sign(&input, None, &[]);
    assert!(code == Some(2) && stderr.starts_with("ERROR: there is no store certificate"), "{stderr}");
    assert!(!out.exists());
    let copy = folder.path().join("in.ampkg");
    fs::copy(&input, &copy).unwrap();
    let mut command = amps();
    command.arg("store-sign-package").arg(&copy).arg(&copy).args([
        "--sc",
        &pki("store.p12"),
        "--sp",
        "password",
    ]);
    let (code, _, stderr) = run(&mut command);
    assert!(code == Some(2) && stderr.contains("it is the package that is to be signed"), "{stderr}");
    assert!(fs::read(&copy).unwrap() == fs::read(&input).unwrap());
}

/// Every package of the fixtures, by the rules that `expected.json` has for it.
#[test]
fn whether_the_deployment_server_would_take_a_package_is_said_and_can_be_demanded() {
    let text = fs::read(fixture("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let mut only_refused_there = 0;
    for (name, expected) in expected.as_object().unwrap() {
        let package = &expected["package_server"];
        let deployment = expected.get("deployment_server").unwrap_or(package);
        let code = |verdict: &serde_json::Value| Some(i32::from(verdict != "accept"));
        let (found, stdout, stderr) = verify(&fixture(name), &[]);
        assert_eq!((found, stderr.as_str()), (code(package), ""), "{name}: {stdout}");
        let line = stdout.lines().find_map(|line| line.strip_prefix("deployment server: "));
        if package == "accept" {
            assert_eq!(line == Some("ok"), deployment == "accept", "{name}: {line:?}");
        }
        let (found, stdout, _) = verify(&fixture(name), &["--deployment-server"]);
        assert_eq!(found, code(deployment), "{name}: {stdout}");
        if let Some(reason) = line.and_then(|line| line.strip_prefix("would not take it: ")) {
            assert_eq!(stdout, format!("not valid: {reason}\n"), "{name}");
            only_refused_there += 1;
        }
    }
    assert!(only_refused_there >= 9, "{only_refused_there}");
}

#[test]
fn the_deployment_server_s_rules_count_signatures_as_its_settings_do() {
    let data = tempfile::tempdir().unwrap();
    let settings =
        "formatType: amps-configuration\nformatVersion: 1\n---\ndeploymentServer: { noSecurity: true }\n";
    fs::write(data.path().join("amps-config.yaml"), settings).unwrap();
    let (ca, directory) = (pki("ca.crt"), data.path().to_str().unwrap());
    let unsigned = fixture("qt6/hello.ampkg");
    let check = |arguments: &[&str], expected: i32, text: &str| {
        let (code, stdout, _) = verify(&unsigned, arguments);
        assert!(code == Some(expected) && stdout.contains(text), "{arguments:?}: {stdout}");
    };
    check(&["--dc", &ca, "--dd", directory], 1, "not valid: no developer signature\n");
    check(&["--dc", &ca, "--dd", directory, "--deployment-server"], 0, "developer signature: none\n");
    fs::write(data.path().join("amps-config.yaml"), settings.replace("true", "false")).unwrap();
    check(&["--dc", &ca, "--dd", directory, "--deployment-server"], 1, "not valid: no developer signature\n");
}
