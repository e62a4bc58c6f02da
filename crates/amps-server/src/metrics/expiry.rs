//! Until when certificates and revocation lists hold.

use std::{fmt::Write as _, sync::Arc};

use amps_core::{Certificates, TrustAnchors};
use amps_pki::Certificate;

/// Something that holds until a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Expiry {
    /// What it is for: `store`, `developer-ca`, `developer-crl`, `tls`, `tls-client-ca`.
    pub(crate) role: &'static str,
    /// Whom it names; of a revocation list, the how manyth it is.
    pub(crate) subject: String,
    /// Tells it from others of the same name.
    pub(crate) fingerprint: String,
    /// Seconds since 1970.
    pub(crate) ends: u64,
}

impl Expiry {
    /// That of a certificate.
    pub(crate) fn of(role: &'static str, certificate: &Certificate) -> Self {
        Self {
            role,
            subject: certificate.subject().to_owned(),
            fingerprint: short(certificate.fingerprint().as_bytes()),
            ends: certificate.not_after().unix_seconds(),
        }
    }
}

/// Says what there is now: certificates that are read again when their files change are others then.
pub(crate) type Expiries = Arc<dyn Fn() -> Vec<Expiry> + Send + Sync>;

/// Those of the certificates that a server is started with. A revocation list that does not say until when it holds is left out.
pub(crate) fn of_certificates(certificates: &Certificates) -> Vec<Expiry> {
    let own = certificates.store.iter().map(|signer| ("store", signer.certificates().own()));
    let developers = certificates.developers.iter();
    let anchors = developers.clone().flat_map(TrustAnchors::certificates);
    let anchors = anchors.map(|certificate| ("developer-ca", certificate));
    let named = own.chain(anchors).map(|(role, certificate)| Expiry::of(role, certificate));
    let lists = developers.flat_map(TrustAnchors::next_updates).enumerate();
    let lists = lists.filter_map(|(index, ends)| {
        let subject = format!("revocation list {}", index + 1);
        let ends = ends?.unix_seconds();
        Some(Expiry { role: "developer-crl", subject, fingerprint: String::new(), ends })
    });
    named.chain(lists).collect()
}

/// The beginning of a fingerprint, in hexadecimal digits: enough to tell a few certificates apart.
fn short(fingerprint: &[u8]) -> String {
    let mut text = String::new();
    for byte in fingerprint.iter().take(8) {
        let _ = write!(text, "{byte:02x}"); // into memory
    }
    text
}
