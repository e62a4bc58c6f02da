//! Devices with certificates: who is let in, and whom a package is signed for.

use std::sync::Arc;

use amps_core::{Certificates, TrustAnchors};
use amps_server::{ClientCertificates, HardwareIdFrom, Settings, TlsFields};
use amps_testkit::PackageBuilder;
use rustls::ClientConfig;

use crate::{
    client::Answer,
    deployment_scene::Scene,
    running::{Running, eventually},
    signed_scene::{anchors, is_for, key, read, signed_by_developer},
    tls_pki::{Pki, ask, curl, identity, replace},
};

const DOWNLOAD: &str = "/package/download?id=org.example.hello";

/// A server that signs, with a package.
fn signing(pki: &Pki, set: impl FnOnce(&mut TlsFields)) -> Running {
    let tls = pki.settings(|fields| {
        fields.client_cas = vec![pki.path("ca.pem")];
        set(fields);
    });
    let data = tempfile::tempdir().unwrap();
    std::fs::create_dir(data.path().join("upload")).unwrap();
    std::fs::write(data.path().join("upload/hello.ampkg"), PackageBuilder::hello().build()).unwrap();
    let certificates = Certificates { store: Some(key("store.p12", "password")), ..Certificates::default() };
    let settings = Settings { tls: Some(tls), ..Settings::default() };
    let server = Running::with_certificates(data, settings, certificates);
    eventually(|| server.console().contains("+ adding").then_some(()));
    server
}

fn store() -> TrustAnchors {
    anchors(&["ca.crt"])
}

#[track_caller]
fn check_for(answer: &Answer, device: Option<&str>) {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(is_for(&read(&answer.body).unwrap(), &store(), device), Ok(()));
}

#[track_caller]
fn check_refused(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.json()["error"].as_str()), (403, Some(code)));
}

#[test]
fn a_package_is_signed_for_the_device_of_the_certificate() {
    let pki = Pki::new();
    pki.client("device-1", "");
    let server = signing(&pki, |_| {});
    let client = pki.trusting(Some("device-1"));
    let download = |query: &str| ask(server.address, &client, &format!("{DOWNLOAD}{query}"), "").unwrap();
    // The second time, it is at hand.
    for _ in 0..2 {
        check_for(&download(""), Some("device-1"));
        check_for(&download("&hardware-id=device-1"), Some("device-1"));
        check_for(&download("&hardware-id="), Some("device-1"));
        for other in ["device-2", "DEVICE-1", "device-1%20", "device-1%00"] {
            check_refused(&download(&format!("&hardware-id={other}")), "other-device");
        }
    }
    // HTTP/2 is no way around it.
    let options = identity(&pki, "device-1");
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let url = format!("https://{}{DOWNLOAD}&hardware-id=device-2", server.address);
    assert_eq!(curl(&pki, &url, &options).1, "2 403");
}

#[test]
fn the_api_is_no_way_around_the_certificate() {
    let pki = Pki::new();
    pki.client("device-1", "");
    pki.client("several", "DNS:a.example,DNS:b.example");
    let code = |answer: &Answer| {
        let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        (answer.status, problem["code"].as_str().unwrap_or_default().to_owned())
    };
    let package = "/api/v1/releases/1/package";
    let server = signing(&pki, |_| {});
    let client = pki.trusting(Some("device-1"));
    let download = |query: &str| ask(server.address, &client, &format!("{package}{query}"), "").unwrap();
    check_for(&download(""), Some("device-1"));
    check_for(&download("?hardwareId=device-1"), Some("device-1"));
    for other in ["device-2", "DEVICE-1", "device-1%20"] {
        assert_eq!(code(&download(&format!("?hardwareId={other}"))), (403, "other-device".into()), "{other}");
    }
    let server = signing(&pki, |fields| {
        fields.hardware_id_from = Some(HardwareIdFrom::DnsName);
        fields.client_certificates = Some(ClientCertificates::Optional);
    });
    let ask = |client: Option<&str>, query: &str| {
        ask(server.address, &pki.trusting(client), &format!("{package}{query}"), "").unwrap()
    };
    assert_eq!(code(&ask(Some("several"), "")), (403, "no-device".into()));
    // Who has none says for whom it is.
    check_for(&ask(None, "?hardwareId=device-2"), Some("device-2"));
}

#[test]
fn the_id_may_be_an_alternative_name() {
    let pki = Pki::new();
    pki.client("both", "DNS:device-1.example,URI:urn:device:1");
    pki.client("several", "DNS:a.example,DNS:b.example");
    pki.client("bare", "");
    for (from, id) in [(HardwareIdFrom::DnsName, "device-1.example"), (HardwareIdFrom::Uri, "urn:device:1")] {
        let server = signing(&pki, |fields| fields.hardware_id_from = Some(from));
        let download = |name: &str| ask(server.address, &pki.trusting(Some(name)), DOWNLOAD, "").unwrap();
        check_for(&download("both"), Some(id));
        check_refused(&download("bare"), "no-device");
        check_refused(&download("several"), "no-device");
        // What is for no device is there for everybody who is let in.
        let list = ask(server.address, &pki.trusting(Some("bare")), "/package/list", "").unwrap();
        assert_eq!(list.json()[0]["id"], "org.example.hello");
    }
    let server = signing(&pki, |fields| fields.hardware_id_from = Some(HardwareIdFrom::Nothing));
    let bare = pki.trusting(Some("bare"));
    check_for(&ask(server.address, &bare, DOWNLOAD, "").unwrap(), None);
    check_for(&ask(server.address, &bare, &format!("{DOWNLOAD}&hardware-id=x"), "").unwrap(), Some("x"));
}

#[test]
fn who_has_no_good_certificate_is_not_let_in() {
    let pki = Pki::new();
    pki.client("good", "");
    pki.client("lost", "");
    pki.expired("old");
    pki.issue("server-only", "extendedKeyUsage = serverAuth\n");
    pki.authority("elsewhere");
    pki.issue_by("elsewhere", "foreign", "/CN=good", "extendedKeyUsage = clientAuth\n", &[]);
    pki.revoke("lost");
    for clients in [ClientCertificates::Required, ClientCertificates::Optional] {
        let server = signing(&pki, |fields| {
            fields.client_crls = vec![pki.path("crl.pem")];
            fields.client_certificates = Some(clients);
        });
        for bad in ["lost", "old", "server-only", "foreign"] {
            for version in [&["--tls-max", "1.2"][..], &["--tlsv1.3"]] {
                let identity = identity(&pki, bad);
                let options: Vec<&str> =
                    identity.iter().map(String::as_str).chain(version.iter().copied()).collect();
                let (code, out, body) = curl(&pki, &format!("https://{}/hello", server.address), &options);
                assert!(code != Some(0) && body.is_empty(), "{bad} {version:?} {clients}: {out}");
            }
        }
        let without = ask(server.address, &pki.trusting(None), &format!("{DOWNLOAD}&hardware-id=x"), "");
        match clients {
            ClientCertificates::Optional => check_for(&without.unwrap(), Some("x")),
            // The alert may be lost: what the client has sent meanwhile makes the system reset the connection.
            _ => assert!(without.is_err()),
        }
        check_for(&ask(server.address, &pki.trusting(Some("good")), DOWNLOAD, "").unwrap(), Some("good"));
    }
}

#[test]
fn a_certificate_that_is_revoked_later_does_not_come_back_by_a_ticket() {
    let pki = Pki::new();
    pki.client("device", "");
    pki.list();
    std::fs::copy(pki.path("crl.pem"), pki.path("current.pem")).unwrap();
    let server = signing(&pki, |fields| fields.client_crls = vec![pki.path("current.pem")]);
    // The same configuration, and so the same tickets.
    let client = pki.trusting(Some("device"));
    for _ in 0..2 {
        check_for(&ask(server.address, &client, DOWNLOAD, "").unwrap(), Some("device"));
    }
    pki.revoke("device");
    replace(&pki.path("crl.pem"), &pki.path("current.pem"));
    eventually(|| ask(server.address, &client, DOWNLOAD, "").is_err().then_some(()));
}

#[test]
fn a_purchase_is_for_the_device_of_the_certificate() {
    let pki = Pki::new();
    pki.client("device-1", "");
    pki.client("device-2", "");
    let package = signed_by_developer(&PackageBuilder::hello().build(), &*key("dev1.p12", "password"));
    for is_bound in [true, false] {
        let tls = pki.settings(|fields| {
            fields.client_cas = vec![pki.path("ca.pem")];
            fields.client_certificates = Some(ClientCertificates::Optional);
        });
        let scene = Scene::signing_secured(tls, &package, |settings| settings.bind_to_device_id = is_bound);
        let own = pki.trusting(Some("device-1"));
        let get = |client: &Arc<ClientConfig>, target: &str, cookie: &str| {
            ask(scene.address, client, target, &format!("Cookie: {cookie}\r\n")).unwrap()
        };
        let hello = get(&own, "/hello?platform=NEPTUNE3&version=2", "");
        let cookie = hello.header("set-cookie").unwrap().to_owned();
        let login = get(&own, "/login?username=bob&password=open%20sesame", &cookie);
        assert_eq!(login.json()["status"], "ok");
        let cookie = login.header("set-cookie").map_or(cookie, str::to_owned);
        let buy = |query: &str| get(&own, &format!("/app/purchase?id=org.example.hello{query}"), &cookie);
        check_refused(&buy("&device_id=device-2"), "other-device");
        for query in ["", "&device_id=device-1"] {
            let purchase = buy(query).json();
            let url = purchase["url"].as_str().unwrap_or_else(|| panic!("{purchase}")).to_owned();
            let path = url.strip_prefix("https://test").unwrap();
            check_for(&get(&own, path, ""), Some("device-1"));
            check_refused(&get(&pki.trusting(Some("device-2")), path, ""), "other-device");
            // An installer without a certificate has the token.
            check_for(&get(&pki.trusting(None), path, ""), Some("device-1"));
        }
    }
}
