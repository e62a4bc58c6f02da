//! Certificates, keys and revocation lists out of the bytes of files: PEM, and where there is no chain DER too.

use std::path::Path;

use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer,
    pem::{Error as PemError, PemObject},
};

use super::error::TlsError;

/// Certificates in a file, inclusive.
const MOST_CERTIFICATES: usize = 256;

const KEY: &str = "one private key in PEM, PKCS#8, PKCS#1 or SEC1, without a password";
const CHAIN: &str = "certificates in PEM, the server's own first";
const CAS: &str = "CA certificates, PEM or DER";
const CRLS: &str = "certificate revocation lists, PEM or DER";

/// The certificates of a server.
pub(super) fn chain(path: &Path, bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    objects(path, bytes, "no certificate", CHAIN)
}

/// CA certificates.
pub(super) fn authorities(path: &Path, bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    match bytes {
        // A sequence; no text begins with `0` and a length like that.
        [0x30, 0x80..=0xff, ..] => Ok(vec![CertificateDer::from(bytes.to_vec())]),
        _ => objects(path, bytes, "no certificate", CAS),
    }
}

/// Revocation lists.
pub(super) fn revocation_lists(
    path: &Path,
    bytes: &[u8],
) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    match bytes {
        [0x30, 0x80..=0xff, ..] => Ok(vec![CertificateRevocationListDer::from(bytes.to_vec())]),
        _ => objects(path, bytes, "no revocation list", CRLS),
    }
}

/// The key of a server.
pub(super) fn key(path: &Path, bytes: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    let content = |found: String| TlsError::Content { path: path.into(), found, expected: KEY };
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    if has("-----BEGIN ENCRYPTED PRIVATE KEY-----") || has("Proc-Type: 4,ENCRYPTED") {
        return Err(content("a private key with a password".into()));
    }
    let keys: Result<Vec<_>, PemError> =
        PrivateKeyDer::pem_slice_iter(bytes).take(MOST_CERTIFICATES).collect();
    // What the reader says might repeat a line of the file.
    let mut keys = keys.map_err(|_| content("something that is not well-formed PEM".into()))?;
    match (keys.pop(), keys.len()) {
        (Some(key), 0) => Ok(key),
        (None, _) => Err(content("no private key".into())),
        (Some(_), others) => Err(content(format!("{} private keys", others + 1))),
    }
}

fn objects<T: PemObject>(
    path: &Path,
    bytes: &[u8],
    nothing: &str,
    expected: &'static str,
) -> Result<Vec<T>, TlsError> {
    let content = |found: &str| TlsError::Content { path: path.into(), found: found.into(), expected };
    let objects: Result<Vec<T>, PemError> = T::pem_slice_iter(bytes).take(MOST_CERTIFICATES + 1).collect();
    // The key may be in the same file.
    let objects = objects.map_err(|_| content("something that is not well-formed PEM"))?;
    match objects.len() {
        0 => Err(content(nothing)),
        1..=MOST_CERTIFICATES => Ok(objects),
        _ => Err(content("more than 256 of them")),
    }
}
