//! `--tls-…`, and what `--create-config` writes of them.

use std::{fs, path::Path, process::Command};

use crate::process::{Server, amps, run};

/// A certificate for 127.0.0.1 with its key, and a CA for clients, in a folder.
pub(crate) fn make(folder: &Path) {
    for (name, more) in [("server", "subjectAltName=IP:127.0.0.1"), ("ca", "keyUsage=critical,keyCertSign")] {
        let words = format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 60 -subj /CN={name} -addext {more} \
             -keyout {name}.key -out {name}.pem"
        );
        let (code, _, error) = run(Command::new("openssl").args(words.split(' ')).current_dir(folder));
        assert_eq!(code, Some(0), "{error}");
    }
}

fn status(server: &Server, folder: &Path) -> String {
    let mut curl = Command::new("curl");
    curl.args(["-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", "--cacert"]);
    run(curl.arg(folder.join("server.pem")).arg(server.url.replace("http:", "https:") + "/hello")).1
}

#[test]
fn options_are_kept_by_create_config_and_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    make(data);
    let config = || fs::read_to_string(data.join("amps-config.yaml")).unwrap();
    let file = |name: &str| data.join(name).to_str().unwrap().to_owned();
    let start = |arguments: &[&str]| {
        Server::with(amps().args(["serve", "--cc", "--la", "127.0.0.1:0", "--dd"]).arg(data).args(arguments))
    };
    let (certificate, key, ca) = (file("server.pem"), file("server.key"), file("ca.pem"));
    let server = start(&[
        "--tls-certificate",
        &certificate,
        "--tls-key",
        &key,
        "--tls-hardware-id-from",
        "commonName",
        "--tls-client-ca",
        &ca,
    ]);
    assert!(server.banner.contains("> TLS: yes, client certificates: required\n"), "{}", server.banner);
    drop(server);
    assert!(
        config().contains("tls:\n  certificate: 'server.pem'\n  clientCa: 'ca.pem'\n  key: 'server.key'\n"),
        "{}",
        config()
    );
    let server = start(&["--tls-client-certificates", "optional"]);
    assert_eq!(status(&server, data), "2 200");
    drop(server);
    let expected = "tls:\n  certificate: 'server.pem'\n  clientCa: 'ca.pem'\n  clientCertificates: 'optional'\n  key: 'server.key'\n";
    assert!(config().contains(expected), "{}", config());
    // Without options, the file counts.
    let server = Server::with(amps().args(["serve", "--dd"]).arg(data));
    assert_eq!(status(&server, data), "2 200");
}

#[test]
fn what_cannot_be_stops_the_server_and_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    make(data);
    let fail = |arguments: &[&str]| {
        let mut command = amps();
        command.args(["serve", "--cc", "--la", "127.0.0.1:0", "--dd"]).arg(data.join("data")).args(arguments);
        let (code, _, error) = run(command.current_dir(data));
        assert_ne!(code, Some(0));
        assert!(!data.join("data/amps-config.yaml").exists());
        error.lines().next().unwrap_or_default().to_owned()
    };
    for (arguments, message) in [
        (
            &["--tls-key", "server.key"][..],
            "there are settings of TLS and no certificate: expected `certificate` in `tls`, or --tls-certificate",
        ),
        (
            &["--tls-certificate", "server.pem"],
            "`server.pem` holds no private key: expected one private key in PEM, PKCS#8, PKCS#1 or SEC1, without a password",
        ),
        (
            &["--tls-certificate", "server.pem", "--tls-key", "ca.key"],
            "the key in `ca.key` is not that of the certificate in `server.pem`",
        ),
        (
            &[
                "--tls-certificate",
                "server.pem",
                "--tls-key",
                "server.key",
                "--tls-client-certificates",
                "required",
            ],
            "client certificates are `required`, and there is no CA for them: expected `clientCa` in `tls`, or --tls-client-ca",
        ),
    ] {
        let found = fail(arguments);
        assert!(found.ends_with(message), "{found}");
    }
    let error = fail(&["--tls-client-certificates", "maybe"]);
    assert!(error.contains("found `maybe`: expected `none`, `optional` or `required`"), "{error}");
}
