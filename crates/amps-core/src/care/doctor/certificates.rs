//! The store's key and the developers' authorities: whether they can be used, and for how long.

use std::path::Path;

use amps_pki::{
    Certificate, CertificateSet, MAX_CERTIFICATE_FILE_BYTES, MAX_REVOCATION_FILE_BYTES, Pkcs12Error,
    RevocationLists, Signer as _,
};

use super::{super::Finding, text};
use crate::{
    certificates::{CertificateError, CertificateFiles, read},
    clock::Timestamp,
    error::chain,
};

/// So many days before a certificate expires it is a warning.
const CERTIFICATE_DAYS: i64 = 30;
/// So many days before a revocation list is out of date it is one.
const LIST_DAYS: i64 = 2;

const SECONDS_OF_DAY: i64 = 86_400;

/// Looks at all of them.
pub fn certificates(files: &CertificateFiles, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    match &files.store {
        Some(path) => findings.push(store(files, path, now)),
        None => findings.push(Finding::ok(
            "store-key",
            "storeSignCertificate",
            "not set: downloads are not signed",
        )),
    }
    if files.developer_cas.is_empty() {
        findings.push(match files.developer_crls.first() {
            None => Finding::ok(
                "developer-ca",
                "developerVerificationCaCertificates",
                "not set: developer signatures are not verified",
            ),
            Some(path) => Finding::problem(
                "developer-crl",
                text(path),
                "there is a revocation list, but no CA certificate for developers: the server does not start",
                "name the CA certificates, or remove the list",
            ),
        });
        return findings;
    }
    authorities(files, now, &mut findings);
    for path in &files.developer_crls {
        lists(path, now, &mut findings);
    }
    findings
}

fn store(files: &CertificateFiles, path: &Path, now: Timestamp) -> Finding {
    let subject = text(path);
    match files.store(path) {
        Ok(store) => expiry("store-key", &subject, store.certificates().own(), now),
        Err(CertificateError::Store { source: Pkcs12Error::WrongPassword, .. })
            if files.store_password.is_none() =>
        {
            Finding::warning(
                "store-key",
                subject,
                "it has a password, and none is known here: whether it can be used was not checked",
                "give the password as to the server: the variable AMPS_STORE_SIGN_PASSWORD, or --store-sign-password-file",
            )
        }
        Err(error) => {
            let advice = "make it anew with openssl pkcs12 -export, or name another file; the server does not start with it";
            Finding::problem("store-key", subject, chain(&error), advice)
        }
    }
}

fn authorities(files: &CertificateFiles, now: Timestamp, findings: &mut Vec<Finding>) {
    let mut all = CertificateSet::new();
    let mut has_all = true;
    for path in &files.developer_cas {
        let mut own = CertificateSet::new();
        let added = read(path, MAX_CERTIFICATE_FILE_BYTES).and_then(|file| {
            let unusable = |source| CertificateError::File { path: path.clone(), source };
            own.add(&file).map_err(unusable)?;
            all.add(&file).map_err(unusable)
        });
        if let Err(error) = added {
            has_all = false;
            let advice = "name a file with CA certificates, PEM or DER; the server does not start with it";
            findings.push(Finding::problem("developer-ca", text(path), chain(&error), advice));
            continue;
        }
        let subject = text(path);
        findings
            .extend(own.certificates().map(|certificate| expiry("developer-ca", &subject, certificate, now)));
    }
    let is_root = |certificate: &Certificate| certificate.subject() == certificate.issuer();
    if has_all && !all.certificates().any(is_root) {
        findings.push(Finding::problem(
            "developer-ca",
            "developerVerificationCaCertificates",
            "none of them is a root (issued by itself): no developer signature can be verified",
            "add the root certificate",
        ));
        return;
    }
    for certificate in all.certificates().filter(|certificate| has_all && !is_root(certificate)) {
        if !all.certificates().any(|issuer| issuer.subject() == certificate.issuer()) {
            findings.push(Finding::warning(
                "developer-ca",
                certificate.subject(),
                format!("its issuer is not among the CA certificates: {}", certificate.issuer()),
                "add the certificate of the issuer: developers below this one are refused",
            ));
        }
    }
}

fn lists(path: &Path, now: Timestamp, findings: &mut Vec<Finding>) {
    let mut lists = RevocationLists::new();
    let added = read(path, MAX_REVOCATION_FILE_BYTES).and_then(|file| {
        lists.add(&file).map_err(|source| CertificateError::File { path: path.into(), source })
    });
    if let Err(error) = added {
        let advice = "fetch it again, or name another file; the server does not start with it";
        findings.push(Finding::problem("developer-crl", text(path), chain(&error), advice));
        return;
    }
    for list in lists.facts() {
        let whose = format!("the revocation list of {}", ampkg::quoted(list.issuer));
        let advice = "fetch the next list, and restart the server: with one that is out of date every developer is refused";
        findings.push(match list.next_update {
            None => Finding::warning(
                "developer-crl",
                text(path),
                format!("{whose} does not say when the next one is due"),
                "ask its authority for one that does",
            ),
            Some(next) => match days_until(next, now) {
                days @ ..0 => {
                    let message = format!("{whose} has been out of date since {next}, for {} days", -days);
                    Finding::problem("developer-crl", text(path), message, advice)
                }
                days @ 0..LIST_DAYS => {
                    let message = format!("{whose} is out of date in {days} days, at {next}");
                    Finding::warning("developer-crl", text(path), message, advice)
                }
                days => {
                    let message = format!("{whose} is good for {days} days, until {next}");
                    Finding::ok("developer-crl", text(path), message)
                }
            },
        });
    }
}

/// Until when a certificate is valid.
fn expiry(kind: &'static str, file: &str, certificate: &Certificate, now: Timestamp) -> Finding {
    let whose = format!("the certificate of {}", ampkg::quoted(certificate.subject()));
    let advice = "have a new certificate issued, put it in place and restart the server";
    if now.0 < seconds(certificate.not_before()) {
        let message = format!("{whose} is not valid before {}", certificate.not_before());
        return Finding::problem(
            kind,
            file,
            message,
            "look whether the clock is right; else wait, or use another one",
        );
    }
    match days_until(certificate.not_after(), now) {
        ..0 => Finding::problem(
            kind,
            file,
            format!("{whose} has been expired since {}", certificate.not_after()),
            advice,
        ),
        days @ 0..CERTIFICATE_DAYS => {
            let message = format!("{whose} expires in {days} days, at {}", certificate.not_after());
            Finding::warning(kind, file, message, advice)
        }
        days => {
            let message = format!("{whose} is valid for {days} days, until {}", certificate.not_after());
            Finding::ok(kind, file, message)
        }
    }
}

/// Whole days; negative if the time is over.
fn days_until(time: amps_pki::Timestamp, now: Timestamp) -> i64 {
    (seconds(time) - now.0).div_euclid(SECONDS_OF_DAY)
}

fn seconds(time: amps_pki::Timestamp) -> i64 {
    i64::try_from(time.unix_seconds()).unwrap_or(i64::MAX)
}
