//! Certificates and keys that change while the server runs.

use std::{
    fs,
    os::unix::fs::symlink,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    thread,
};

use amps_server::{ClientCertificates, ManagementSettings, Settings, TlsFields};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use sha2::{Digest as _, Sha256};

use crate::{
    running::{Running, eventually},
    tls_pki::{Pki, SERVER, ask, replace, secured},
};

/// The certificate that a server shows now.
fn shown(pki: &Pki, server: &Running) -> CertificateDer<'static> {
    let mut stream = secured(server.address, &pki.trusting(None));
    stream.conn.complete_io(&mut stream.sock).unwrap();
    stream.conn.peer_certificates().unwrap()[0].clone().into_owned()
}

fn certificate(pki: &Pki, name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(pki.path(&format!("{name}.pem"))).unwrap()
}

fn eventually_shows(pki: &Pki, server: &Running, name: &str) {
    let expected = certificate(pki, name);
    eventually(|| (shown(pki, server) == expected).then_some(()));
}

#[test]
fn files_that_are_replaced_are_taken_and_no_request_fails() {
    let pki = Pki::new();
    pki.issue("next", SERVER);
    let server = pki.serve(|_| {});
    let client = pki.trusting(None);
    let mut kept = secured(server.address, &client);
    kept.conn.complete_io(&mut kept.sock).unwrap();
    let (is_over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Relaxed) {
                    assert_eq!(ask(server.address, &client, "/hello", "").unwrap().status, 200);
                    answered.fetch_add(1, Relaxed);
                }
            });
        }
        replace(&pki.path("next.key"), &pki.path("server.key"));
        replace(&pki.path("next.pem"), &pki.path("server.pem"));
        eventually_shows(&pki, &server, "next");
        let before = answered.load(Relaxed);
        eventually(|| (answered.load(Relaxed) > before + 10).then_some(()));
        is_over.store(true, Relaxed);
    });
    // Who was there before stays.
    std::io::Write::write_all(&mut kept, b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert_eq!(crate::client::answer(&mut std::io::BufReader::new(kept), true).status, 200);
}

#[test]
fn a_pair_that_cannot_be_used_leaves_the_old_one_in_use() {
    let pki = Pki::new();
    pki.issue("next", SERVER);
    let server = pki.serve(|_| {});
    let old = certificate(&pki, "server");
    replace(&pki.path("next.key"), &pki.path("server.key"));
    fs::remove_file(pki.path("server.pem")).unwrap();
    assert!(shown(&pki, &server) == old);
    fs::write(pki.path("server.pem"), "-----BEGIN CERTIFICATE-----\nnothing").unwrap();
    assert!(shown(&pki, &server) == old);
    // The second half of the pair comes, written in place.
    fs::copy(pki.path("next.pem"), pki.path("server.pem")).unwrap();
    eventually_shows(&pki, &server, "next");
}

#[test]
fn until_when_certificates_hold_is_told_of_those_in_use() {
    let pki = Pki::new();
    let fields = pki.settings(|fields| {
        fields.client_certificates = Some(ClientCertificates::Optional);
        fields.client_cas = vec![pki.path("ca.pem")];
    });
    let management = Some(ManagementSettings { listen_address: "localhost:0".parse().unwrap() });
    let server = Running::with(Settings { tls: Some(fields), management, ..Settings::default() });
    let fingerprint = |name: &str| -> String {
        let bytes = Sha256::digest(certificate(&pki, name));
        bytes.iter().take(8).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    };
    let metric = |role: &str, name: &str| {
        let fingerprint = fingerprint(name);
        server.metrics().lines().any(|line| {
            line.starts_with(&format!("amps_certificate_expires_in_seconds{{role=\"{role}\""))
                && line.contains(&fingerprint)
        })
    };
    assert!(metric("tls", "server") && metric("tls-client-ca", "ca"));
    pki.issue("next", SERVER);
    replace(&pki.path("next.key"), &pki.path("server.key"));
    let old = certificate(&pki, "server");
    fs::copy(pki.path("next.pem"), pki.path("server.pem")).unwrap();
    assert!(old != certificate(&pki, "server"));
    eventually(|| metric("tls", "server").then_some(()));
}

/// As certbot does it: links to the newest files of an archive.
#[test]
fn links_that_lead_elsewhere_are_followed() {
    let pki = Pki::new();
    pki.issue("next", SERVER);
    fs::create_dir(pki.path("live")).unwrap();
    let link = |name: &str| {
        for end in ["pem", "key"] {
            let link = pki.path(&format!("live/{end}"));
            let _ = fs::remove_file(&link);
            symlink(format!("../{name}.{end}"), &link).unwrap();
        }
    };
    link("server");
    let at_links = |fields: &mut TlsFields| {
        (fields.certificate, fields.key) = (Some(pki.path("live/pem")), Some(pki.path("live/key")));
    };
    let server = pki.serve(at_links);
    link("next");
    eventually_shows(&pki, &server, "next");
}

/// As Kubernetes does it: the folder behind a link is another one.
#[test]
fn a_folder_that_is_exchanged_is_noticed() {
    let pki = Pki::new();
    pki.issue("next", SERVER);
    fs::create_dir(pki.path("mount")).unwrap();
    for name in ["server", "next"] {
        fs::create_dir(pki.path(&format!("mount/..{name}"))).unwrap();
        for (from, to) in [("pem", "tls.crt"), ("key", "tls.key")] {
            fs::copy(pki.path(&format!("{name}.{from}")), pki.path(&format!("mount/..{name}/{to}"))).unwrap();
        }
    }
    symlink("..server", pki.path("mount/..data")).unwrap();
    for file in ["tls.crt", "tls.key"] {
        symlink(format!("..data/{file}"), pki.path(&format!("mount/{file}"))).unwrap();
    }
    let server = pki.serve(|fields| {
        (fields.certificate, fields.key) = (Some(pki.path("mount/tls.crt")), Some(pki.path("mount/tls.key")));
    });
    symlink("..next", pki.path("mount/..data_tmp")).unwrap();
    fs::rename(pki.path("mount/..data_tmp"), pki.path("mount/..data")).unwrap();
    fs::remove_dir_all(pki.path("mount/..server")).unwrap();
    eventually_shows(&pki, &server, "next");
}
