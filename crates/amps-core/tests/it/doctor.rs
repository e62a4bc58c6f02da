//! What the doctor says of certificates, at chosen times.

use std::path::PathBuf;

use amps_core::{
    CertificateFiles, Password, Timestamp,
    care::{Finding, Level, doctor::certificates},
};
use amps_testkit::fixture;

fn pki(name: &str) -> PathBuf {
    fixture("pki").join(name)
}

fn files(cas: &[&str], crls: &[&str]) -> CertificateFiles {
    CertificateFiles {
        developer_cas: cas.iter().map(|name| pki(name)).collect(),
        developer_crls: crls.iter().map(|name| pki(name)).collect(),
        ..CertificateFiles::default()
    }
}

fn with_store(name: &str, password: Option<&str>) -> CertificateFiles {
    CertificateFiles {
        store: Some(pki(name)),
        store_password: password.map(Password::from),
        ..CertificateFiles::default()
    }
}

/// The seconds since 1970 that `date` says.
fn at(text: &str) -> Timestamp {
    let output = std::process::Command::new("date").args(["-u", "+%s", "-d", text]).output().unwrap();
    Timestamp(String::from_utf8(output.stdout).unwrap().trim().parse().unwrap())
}

/// When a certificate or a list ends, as `openssl` says.
fn end_of(arguments: &[&str], file: &str) -> Timestamp {
    let output =
        std::process::Command::new("openssl").args(arguments).arg("-in").arg(pki(file)).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    at(text.trim().split_once('=').unwrap().1)
}

fn find<'f>(findings: &'f [Finding], kind: &str) -> Vec<&'f Finding> {
    findings.iter().filter(|finding| finding.kind == kind).collect()
}

#[test]
fn the_stores_key_is_opened_and_its_days_are_counted() {
    let end = end_of(&["x509", "-noout", "-enddate"], "store.crt");
    let start = end_of(&["x509", "-noout", "-startdate"], "store.crt");
    let day = 86_400;
    for (now, level, words) in [
        (end.0 - 100 * day, Level::Ok, "is valid for 100 days, until "),
        (end.0 - 30 * day, Level::Ok, "is valid for 30 days, until "),
        (end.0 - 30 * day + 1, Level::Warning, "expires in 29 days, at "),
        (end.0, Level::Warning, "expires in 0 days, at "),
        (end.0 + 1, Level::Problem, "has been expired since "),
        (start.0 - 1, Level::Problem, "is not valid before "),
    ] {
        let findings = certificates(&with_store("store.p12", Some("password")), Timestamp(now));
        let [finding] = find(&findings, "store-key")[..] else { panic!("{findings:?}") };
        assert!(finding.level == level && finding.message.contains(words), "{now}: {finding:?}");
        assert_eq!(finding.advice.is_empty(), level == Level::Ok);
    }
}

#[test]
fn a_key_that_cannot_be_used_is_a_problem_unless_only_the_password_is_missing() {
    let now = end_of(&["x509", "-noout", "-startdate"], "store.crt");
    for (file, password, level, words) in [
        ("store.p12", None, Level::Warning, "it has a password, and none is known here"),
        ("store.p12", Some("wrong"), Level::Problem, "the password does not open the PKCS#12 file"),
        ("store-nokey.p12", Some("password"), Level::Problem, "no private key"),
        ("ca.crt", Some("password"), Level::Problem, "not a well-formed PKCS#12 file"),
        ("missing.p12", None, Level::Problem, "cannot read `"),
    ] {
        let findings = certificates(&with_store(file, password), now);
        let finding = find(&findings, "store-key")[0];
        assert!(finding.level == level && finding.message.contains(words), "{file}: {finding:?}");
        assert!(!finding.advice.is_empty() && !format!("{finding:?}").contains("`wrong`"));
    }
    let findings = certificates(&CertificateFiles::default(), now);
    assert!(findings.iter().all(|finding| finding.level == Level::Ok) && findings.len() == 2, "{findings:?}");
}

#[test]
fn authorities_must_lead_to_a_root() {
    let now = end_of(&["x509", "-noout", "-startdate"], "devca.crt");
    let levels = |cas: &[&str]| {
        let findings = certificates(&files(cas, &[]), now);
        let found = find(&findings, "developer-ca");
        found.iter().map(|finding| (finding.level, finding.message.clone())).collect::<Vec<_>>()
    };
    let both = levels(&["ca.crt", "devca.crt"]);
    assert!(both.len() == 2 && both.iter().all(|(level, _)| *level == Level::Ok), "{both:?}");
    let no_root = levels(&["devca.crt"]);
    assert!(
        no_root
            .iter()
            .any(|(level, message)| *level == Level::Problem && message.contains("none of them is a root")),
        "{no_root:?}"
    );
    let other_root = levels(&["other-ca.crt", "devca.crt"]);
    assert!(
        other_root.iter().any(|(level, message)| *level == Level::Warning
            && message.contains("its issuer is not among the CA certificates")),
        "{other_root:?}"
    );
    let unreadable = levels(&["ca.crt", "store.p12"]);
    assert!(
        unreadable
            .iter()
            .any(|(level, message)| *level == Level::Problem && message.contains("cannot be used")),
        "{unreadable:?}"
    );
}

#[test]
fn a_revocation_list_that_is_out_of_date_is_a_problem() {
    let end = end_of(&["crl", "-noout", "-nextupdate"], "ca.crl");
    for (seconds, level, words) in [
        (-2 * 86_400, Level::Ok, "is good for 2 days, until "),
        (-2 * 86_400 + 1, Level::Warning, "is out of date in 1 days, at "),
        (0, Level::Warning, "is out of date in 0 days, at "),
        (1, Level::Problem, "has been out of date since "),
    ] {
        let findings = certificates(&files(&["ca.crt"], &["ca.crl"]), Timestamp(end.0 + seconds));
        let [finding] = find(&findings, "developer-crl")[..] else { panic!("{findings:?}") };
        assert!(finding.level == level && finding.message.contains(words), "{seconds}: {finding:?}");
        assert!(finding.message.starts_with("the revocation list of `"), "{finding:?}");
    }
    for (files, words) in [
        (files(&[], &["ca.crl"]), "but no CA certificate for developers"),
        (files(&["ca.crt"], &["ca.crt"]), "cannot be used"),
        (files(&["ca.crt"], &["missing.crl"]), "cannot read"),
    ] {
        let findings = certificates(&files, end);
        let [finding] = find(&findings, "developer-crl")[..] else { panic!("{findings:?}") };
        assert!(finding.level == Level::Problem && finding.message.contains(words), "{finding:?}");
    }
}
