//! Metrics of a server that verifies and signs: its certificates, and what it signs.

use amps_core::{CertificateFiles, Certificates};
use amps_server::{ManagementSettings, Settings};
use amps_testkit::PackageBuilder;

use crate::{
    running::Running,
    signed_scene::{NOW, download, key, pki, signed_by_developer},
};

fn server(crls: &[&str]) -> Running {
    let files = CertificateFiles {
        store: Some(pki("store.p12")),
        store_password: Some("password".into()),
        // One of them comes twice.
        developer_cas: vec![pki("chain.crt"), pki("ca.crt")],
        developer_crls: crls.iter().map(|name| pki(name)).collect(),
        ..CertificateFiles::default()
    };
    let certificates: Certificates = files.load(NOW).unwrap();
    let management = ManagementSettings { listen_address: "localhost:0".parse().unwrap() };
    let settings = Settings { management: Some(management), ..Settings::default() };
    Running::with_certificates(tempfile::tempdir().unwrap(), settings, certificates)
}

#[test]
fn every_certificate_and_revocation_list_says_how_long_it_holds() {
    let text = server(&["ca.crl", "devca.crl"]).metrics();
    let lines = || text.lines().filter(|line| line.starts_with("amps_certificate_expires_in_seconds{"));
    let count = |role: &str| lines().filter(|line| line.contains(&format!("{{role=\"{role}\","))).count();
    assert_eq!((count("store"), count("developer-ca"), count("developer-crl")), (1, 2, 2), "{text}");
    for line in lines() {
        let seconds: i64 = line.rsplit_once(' ').unwrap().1.parse().unwrap();
        // The fixtures hold for years, from 2026 on.
        assert!((-100_i64 * 365 * 86400..1000 * 365 * 86400).contains(&seconds), "{line}");
        assert_ne!(seconds, 0, "{line}");
    }
    let mut names: Vec<&str> = lines().map(|line| line.rsplit_once(' ').unwrap().0).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "a series must not come twice");
}

#[test]
fn a_certificate_ends_when_it_says() {
    let text = server(&[]).metrics();
    let store = key("store.p12", "password");
    let ends = store.certificates().own().not_after().unix_seconds();
    let line = text.lines().find(|line| line.contains("_expires_in_seconds{role=\"store\"")).unwrap();
    let left: i64 = line.rsplit_once(' ').unwrap().1.parse().unwrap();
    let started = text.lines().find_map(|line| line.strip_prefix("process_start_time_seconds ")).unwrap();
    let started: i64 = started.parse().unwrap();
    // It was asked some seconds after the start at most.
    let asked_at = ends.cast_signed() - left;
    assert!((started..started + 60).contains(&asked_at), "{started} {asked_at}");
}

#[test]
fn signatures_are_counted_as_made_or_kept() {
    let server = server(&[]);
    let package = PackageBuilder::hello().id("a").build();
    server.add(&signed_by_developer(&package, &*key("dev1.p12", "password")));
    for device in ["x", "x", "x", "y"] {
        download(&server, "a", Some(device));
    }
    let text = server.metrics();
    assert!(text.contains("amps_signatures_total{source=\"made\"} 2\n"), "{text}");
    assert!(text.contains("amps_signatures_total{source=\"kept\"} 2\n"), "{text}");
    assert!(!text.contains("hardware") && !text.contains("device=\"x\""));
    assert!(text.contains("amps_uploads_total{origin=\"http\",verdict=\"added\"} 1\n"));
    let refused = PackageBuilder::hello().id("b").build();
    assert_eq!(server.upload(&refused)["status"], "fail");
    assert!(server.metrics().contains("amps_uploads_total{origin=\"http\",verdict=\"signature\"} 1\n"));
}
