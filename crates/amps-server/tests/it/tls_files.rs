//! What is said of files that TLS cannot be spoken with.

use std::{fs, os::unix::fs::PermissionsExt as _};

use amps_core::chain;
use amps_server::{Settings, TlsFields};

use crate::{
    running::Running,
    tls_pki::{Pki, SERVER, ask},
};

/// Why TLS cannot be spoken, with the folder left out; none if it can.
fn refusal(pki: &Pki, set: impl FnOnce(&mut TlsFields)) -> Option<String> {
    let folder = pki.path("").to_str().unwrap().to_owned();
    pki.settings(set).check().err().map(|error| chain(&error).replace(&folder, ""))
}

#[test]
fn each_defect_is_named_with_its_file_and_nothing_of_a_key() {
    let pki = Pki::new();
    pki.issue("other", SERVER);
    let key = fs::read_to_string(pki.path("server.key")).unwrap();
    let secret = key.lines().nth(1).unwrap().to_owned();
    let write = |name: &str, text: &str| fs::write(pki.path(name), text).unwrap();
    write("empty", "");
    write("text", &format!("secret {secret}\n"));
    write("broken.key", &key.replace(&secret, &format!("*{secret}")));
    write("unfinished.key", key.split("-----END").next().unwrap());
    write("two.key", &format!("{key}{key}"));
    write("short.key", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n");
    write("large", &"x".repeat(1024 * 1024 + 1));
    pki.openssl(&["pkcs8", "-topk8", "-in", "server.key", "-passout", "pass:x", "-out", "locked.key"]);
    pki.openssl(&["ec", "-in", "server.key", "-aes128", "-passout", "pass:x", "-out", "old-locked.key"]);
    let expected = "expected one private key in PEM, PKCS#8, PKCS#1 or SEC1, without a password";
    for (file, message) in [
        ("none", "cannot read `none`: No such file or directory (os error 2)".to_owned()),
        ("empty", format!("`empty` holds no private key: {expected}")),
        ("text", format!("`text` holds no private key: {expected}")),
        ("server.pem", format!("`server.pem` holds no private key: {expected}")),
        ("broken.key", format!("`broken.key` holds something that is not well-formed PEM: {expected}")),
        (
            "unfinished.key",
            format!("`unfinished.key` holds something that is not well-formed PEM: {expected}"),
        ),
        ("two.key", format!("`two.key` holds 2 private keys: {expected}")),
        ("locked.key", format!("`locked.key` holds a private key with a password: {expected}")),
        ("old-locked.key", format!("`old-locked.key` holds a private key with a password: {expected}")),
        ("large", "`large` has more than 1048576 bytes".into()),
        ("other.key", "the key in `other.key` is not that of the certificate in `server.pem`".into()),
    ] {
        let found = refusal(&pki, |fields| fields.key = Some(pki.path(file))).unwrap();
        assert_eq!(found, message);
        assert!(!found.contains(&secret));
    }
    let short = refusal(&pki, |fields| fields.key = Some(pki.path("short.key"))).unwrap();
    assert!(short.starts_with("the private key in `short.key` cannot be used: "), "{short}");
    for (file, message) in [
        (
            "server.key",
            "`server.key` holds no certificate: expected certificates in PEM, the server's own first",
        ),
        ("text", "`text` holds no certificate: expected certificates in PEM, the server's own first"),
    ] {
        let found = refusal(&pki, |fields| fields.certificate = Some(pki.path(file)));
        assert_eq!(found.as_deref(), Some(message));
    }
    for (file, message) in [
        ("text", "`text` holds no certificate: expected CA certificates, PEM or DER"),
        ("none", "cannot read `none`: No such file or directory (os error 2)"),
    ] {
        let found = refusal(&pki, |fields| fields.client_cas = vec![pki.path(file)]);
        assert_eq!(found.as_deref(), Some(message));
    }
    let found = refusal(&pki, |fields| {
        (fields.client_cas, fields.client_crls) = (vec![pki.path("ca.pem")], vec![pki.path("text")]);
    });
    let message = "`text` holds no revocation list: expected certificate revocation lists, PEM or DER";
    assert_eq!(found.as_deref(), Some(message));
    // What `openssl ca` writes unless it is told better.
    let old = fs::read_to_string(pki.path("ca.conf"))
        .unwrap()
        .replace("crl_extensions = list\n", "")
        .replace("crlnumber = crlnumber\n", "");
    fs::write(pki.path("ca.conf"), old).unwrap();
    pki.list();
    let found = refusal(&pki, |fields| {
        (fields.client_cas, fields.client_crls) = (vec![pki.path("ca.pem")], vec![pki.path("crl.pem")]);
    });
    let message =
        "`crl.pem` holds a revocation list that cannot be used: expected version 2, with a CRL number: ";
    assert!(found.as_ref().is_some_and(|found| found.starts_with(message)), "{found:?}");
}

#[test]
fn every_form_of_key_is_taken() {
    let pki = Pki::new();
    let serve = |certificate: &str, key: &str| {
        let server = pki.serve(|fields| {
            (fields.certificate, fields.key) = (Some(pki.path(certificate)), Some(pki.path(key)));
        });
        assert_eq!(ask(server.address, &pki.trusting(None), "/hello", "").unwrap().status, 200, "{key}");
    };
    // SEC1, as openssl wrote it for years: with the parameters in front.
    pki.openssl(&["ecparam", "-name", "prime256v1", "-out", "parameters.pem"]);
    pki.openssl(&["ec", "-in", "server.key", "-out", "bare.key"]);
    let both = ["parameters.pem", "bare.key"].map(|name| fs::read(pki.path(name)).unwrap()).concat();
    fs::write(pki.path("sec1.key"), both).unwrap();
    serve("server.pem", "sec1.key");
    // One file for both, in either order.
    for order in [["server.pem", "server.key"], ["server.key", "server.pem"]] {
        fs::write(pki.path("both.pem"), order.map(|name| fs::read(pki.path(name)).unwrap()).concat())
            .unwrap();
        serve("both.pem", "both.pem");
    }
    // RSA, PKCS#8 and PKCS#1.
    pki.openssl(&[
        "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=rsa", "-keyout", "rsa.key", "-out", "rsa.csr",
    ]);
    pki.openssl(&["rsa", "-in", "rsa.key", "-traditional", "-out", "pkcs1.key"]);
    fs::write(pki.path("extensions"), SERVER).unwrap();
    let sign = ["ca", "-batch", "-notext", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key"];
    pki.openssl(&[&sign[..], &["-extfile", "extensions", "-in", "rsa.csr", "-out", "rsa.pem"]].concat());
    for key in ["rsa.key", "pkcs1.key"] {
        serve("rsa.pem", key);
    }
}

#[test]
fn what_will_make_trouble_is_told_at_the_start() {
    let pki = Pki::new();
    let time = ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"];
    pki.issue_by("ca", "old", "/CN=old", SERVER, &time);
    pki.issue_by("ca", "soon", "/CN=soon", SERVER, &["-days", "3"]);
    pki.issue_by(
        "ca",
        "later",
        "/CN=later",
        SERVER,
        &["-startdate", "20490101000000Z", "-enddate", "20491231000000Z"],
    );
    let console = |name: &str, mode: u32| {
        let key = pki.path(&format!("{name}.key"));
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let tls = pki.settings(|fields| {
            (fields.certificate, fields.key) = (Some(pki.path(&format!("{name}.pem"))), Some(key));
        });
        Running::with(Settings { tls: Some(tls), ..Settings::default() }).console()
    };
    let warning = |console: &str| {
        console
            .lines()
            .filter_map(|line| line.strip_prefix(" ~ warning  tls "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(warning(&console("server", 0o640)), Vec::<String>::new());
    let public = warning(&console("server", 0o644));
    assert!(public[0].starts_with("(everybody on this machine can read the private key `"), "{public:?}");
    assert_eq!(
        warning(&console("old", 0o600)),
        ["(the certificate of `CN=old` has been expired since 2021-01-01T00:00:00Z)"]
    );
    assert_eq!(
        warning(&console("later", 0o600)),
        ["(the certificate of `CN=later` is not valid before 2049-01-01T00:00:00Z)"]
    );
    assert!(
        warning(&console("soon", 0o600))[0].starts_with("(the certificate of `CN=soon` expires soon: 20")
    );
}
