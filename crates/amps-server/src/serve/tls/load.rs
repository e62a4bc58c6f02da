//! From files to what rustls needs.

use std::sync::Arc;

use amps_core::Timestamp;
use amps_pki::{Certificate, CertificateSet};
use rustls::{
    Error, InconsistentKeys, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::CertificateDer,
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};

use super::{error::TlsError, files::Files, identity};
use crate::{
    metrics::Expiry,
    tls_settings::{ClientCertificates, TlsSettings},
};

/// The protocols that are spoken, the best first (RFC 7301). `http/1.0` is what old clients call what they get anyway.
const ALPN: [&[u8]; 3] = [b"h2", b"http/1.1", b"http/1.0"];
/// A certificate that ends sooner is worth a warning. Seconds: 14 days.
const SOON: i64 = 14 * 24 * 3600;

/// What new connections are served with.
pub(super) struct Loaded {
    pub(super) config: Arc<ServerConfig>,
    /// What will make trouble, in words for people.
    pub(super) warnings: Vec<String>,
    /// Until when its certificates hold.
    pub(super) expiries: Vec<Expiry>,
}

/// Makes everything anew. Tickets of sessions that were made before are of no use then, so that nobody comes back with a
/// certificate that would not be accepted any more.
pub(super) fn load(settings: &TlsSettings, files: &Files, now: Timestamp) -> Result<Loaded, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let certified = certified_key(settings, files, &provider)?;
    let mut warnings: Vec<String> = certified.cert.iter().filter_map(|der| trouble(der, now)).collect();
    if files.is_key_public {
        let path = ampkg::quoted(&settings.key.to_string_lossy());
        warnings.push(format!("everybody on this machine can read the private key {path}"));
    }
    let mut expiries: Vec<Expiry> = certified.cert.iter().filter_map(|der| expiry("tls", der)).collect();
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(TlsError::Setup)?;
    let builder = match settings.client_certificates {
        ClientCertificates::None => builder.with_no_client_auth(),
        clients => {
            let (verifier, authorities) = verifier(files, &provider, clients)?;
            warnings.extend(authorities.iter().filter_map(|der| trouble(der, now)));
            expiries.extend(authorities.iter().filter_map(|der| expiry("tls-client-ca", der)));
            builder.with_client_cert_verifier(verifier)
        }
    };
    let resolver = rustls::sign::SingleCertAndKey::from(certified);
    let mut config = builder.with_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = ALPN.map(<[u8]>::to_vec).into();
    config.ticketer = aws_lc_rs::Ticketer::new().map_err(TlsError::Setup)?;
    Ok(Loaded { config: Arc::new(config), warnings, expiries })
}

fn certified_key(
    settings: &TlsSettings,
    files: &Files,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsError> {
    let chain = identity::chain(&settings.certificate, &files.certificate)?;
    let key = identity::key(&settings.key, &files.key)?;
    let what = "the private key";
    let key = provider.key_provider.load_private_key(key).map_err(|source| TlsError::Unusable {
        what,
        path: settings.key.clone(),
        source,
    })?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(certified),
        Err(Error::InconsistentKeys(_)) => {
            Err(TlsError::OtherKey { key: settings.key.clone(), certificate: settings.certificate.clone() })
        }
        Err(source) => {
            let what = "the certificate";
            Err(TlsError::Unusable { what, path: settings.certificate.clone(), source })
        }
    }
}

/// Who accepts clients' certificates, and the CAs that they must lead to.
fn verifier(
    files: &Files,
    provider: &Arc<CryptoProvider>,
    clients: ClientCertificates,
) -> Result<(Arc<dyn ClientCertVerifier>, Vec<CertificateDer<'static>>), TlsError> {
    let (mut roots, mut known) = (RootCertStore::empty(), Vec::new());
    for (path, bytes) in &files.client_cas {
        for der in identity::authorities(path, bytes)? {
            known.push(der.clone());
            let what = "a CA certificate for clients";
            roots.add(der).map_err(|source| TlsError::Unusable { what, path: path.clone(), source })?;
        }
    }
    let roots = Arc::new(roots);
    let builder = || WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(provider));
    let mut lists = Vec::new();
    for (path, bytes) in &files.client_crls {
        let of_file = identity::revocation_lists(path, bytes)?;
        let is_usable = builder().with_crls(of_file.clone()).build();
        is_usable.map_err(|source| TlsError::RevocationList { path: path.clone(), source })?;
        lists.extend(of_file);
    }
    // If there are lists, each CA on the way must have one that holds today, as OpenSSL wants it too.
    let builder = builder().with_crls(lists).enforce_revocation_expiration();
    let builder = match clients {
        ClientCertificates::Optional => builder.allow_unauthenticated(),
        ClientCertificates::None | ClientCertificates::Required => builder,
    };
    Ok((builder.build().map_err(TlsError::Verifier)?, known))
}

/// A certificate as our reader understands it; none if it does not, of which nothing is said then.
fn read(der: &CertificateDer<'_>) -> Option<Certificate> {
    let mut set = CertificateSet::new();
    set.add(der).ok()?;
    set.certificates().next().cloned()
}

/// Until when a certificate holds, under what it is for.
fn expiry(role: &'static str, der: &CertificateDer<'_>) -> Option<Expiry> {
    read(der).map(|certificate| Expiry::of(role, &certificate))
}

/// What is wrong with the time of a certificate, in words for people.
fn trouble(der: &CertificateDer<'_>, now: Timestamp) -> Option<String> {
    let certificate = read(der)?;
    let subject = ampkg::quoted(certificate.subject());
    let seconds = |time: amps_pki::Timestamp| i64::try_from(time.unix_seconds()).unwrap_or(i64::MAX);
    let (from, until) = (certificate.not_before(), certificate.not_after());
    if seconds(until) < now.0 {
        Some(format!("the certificate of {subject} has been expired since {until}"))
    } else if now.0 < seconds(from) {
        Some(format!("the certificate of {subject} is not valid before {from}"))
    } else if seconds(until) - now.0 < SOON {
        Some(format!("the certificate of {subject} expires soon: {until}"))
    } else {
        None
    }
}
