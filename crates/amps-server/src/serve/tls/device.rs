//! Which device a client certificate is that of.

use std::sync::Arc;

use amps_core::{Clock as _, HardwareId, SystemClock};
use amps_pki::{CertificateSet, SubjectNames};
use rustls::{ServerConnection, pki_types::CertificateDer};

use crate::{
    client_device::{CertifiedDevice, NoDevice, Secured},
    tls_settings::HardwareIdFrom,
};

/// What a connection says of its client; none if its certificate must not be accepted any more.
pub(super) fn secured(connection: &ServerConnection, from: HardwareIdFrom) -> Option<Secured> {
    let Some(certificate) = connection.peer_certificates().and_then(<[_]>::first) else {
        return Some(Secured::default());
    };
    // Who resumes a session was verified when it began, which may be half a day ago.
    is_valid_now(certificate).then(|| Secured { device: device(certificate, from) })
}

fn is_valid_now(certificate: &CertificateDer<'_>) -> bool {
    let mut set = CertificateSet::new();
    let now = u64::try_from(SystemClock.now().0).unwrap_or_default();
    // One that our reader does not understand was accepted by rustls; that its time is over cannot be seen.
    set.add(certificate).is_err()
        || set.certificates().all(|certificate| now <= certificate.not_after().unix_seconds())
}

/// The device that a certificate names. It was verified before.
fn device(certificate: &CertificateDer<'_>, from: HardwareIdFrom) -> Option<CertifiedDevice> {
    let expected = match from {
        HardwareIdFrom::CommonName => "common name",
        HardwareIdFrom::DnsName => "DNS name",
        HardwareIdFrom::Uri => "URI",
        HardwareIdFrom::Nothing => return None,
    };
    let invalid = NoDevice::Invalid { expected };
    let Ok(names) = SubjectNames::read(certificate) else { return Some(Err(invalid)) };
    let names = match from {
        HardwareIdFrom::CommonName => names.common_names,
        HardwareIdFrom::DnsName => names.dns_names,
        HardwareIdFrom::Uri => names.uris,
        HardwareIdFrom::Nothing => Vec::new(),
    };
    let found = names.len();
    let mut names = names.into_iter();
    Some(match (names.next(), names.next()) {
        (None, _) => Err(NoDevice::Missing { expected }),
        (Some(_), Some(_)) => Err(NoDevice::Several { found, expected }),
        (Some(name), None) => HardwareId::new(name).map(Arc::new).map_err(|_| invalid),
    })
}
