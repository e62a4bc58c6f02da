//! Whether a certificate of a chain is revoked (RFC 5280 section 6.3).

use super::rules::{key_usage_text, subject};
use super::{ChainError, TrustAnchors};
use crate::Timestamp;
use crate::revocation::RevocationList;
use crate::x509::ParsedCertificate;

/// Checks that a certificate is covered by a list that is current, and not in it; of several lists the newest
/// counts. `issuer` is the CA certificate that issued it, with its index.
pub(super) fn check_revocation(
    trust: &TrustAnchors,
    certificate: &ParsedCertificate,
    (issuer_index, issuer): (usize, &ParsedCertificate),
    at: Timestamp,
) -> Result<(), ChainError> {
    let mut worst = ChainError::NoRevocationList { subject: subject(certificate), issuer: subject(issuer) };
    let mut newest: Option<&RevocationList> = None;
    for (list, signers) in trust.revocation_lists.iter().filter(|(list, _)| list.issuer == issuer.subject) {
        match check_list(list, signers.contains(&issuer_index), issuer, at) {
            Ok(()) => newest = newest.into_iter().chain([list]).max_by_key(|list| list.this_update),
            Err(error) if error.rank() > worst.rank() => worst = error,
            Err(_) => {}
        }
    }
    let list = newest.ok_or(worst)?;
    match list.revoked_since(&certificate.serial) {
        None => Ok(()),
        Some(since) => Err(ChainError::Revoked {
            subject: subject(certificate),
            serial: certificate.description.serial().to_owned(),
            since,
        }),
    }
}

/// Checks that a list is current and may speak for `issuer`, whose name it has.
fn check_list(
    list: &RevocationList,
    is_signed_by_issuer: bool,
    issuer: &ParsedCertificate,
    at: Timestamp,
) -> Result<(), ChainError> {
    let name = || subject(issuer);
    if !is_signed_by_issuer {
        return Err(ChainError::RevocationListSignature { issuer: name() });
    }
    let key_usage = issuer.extensions.as_ref().ok().and_then(|extensions| extensions.key_usage);
    if let Some(found) = key_usage.filter(|found| !found.crl_sign()) {
        return Err(ChainError::NoCrlSign { issuer: name(), found: key_usage_text(found) });
    }
    if let Err(source) = list.extensions.clone() {
        return Err(ChainError::RevocationListExtension { issuer: name(), source });
    }
    if at < list.this_update {
        let this_update = list.this_update;
        return Err(ChainError::RevocationListNotYetValid { issuer: name(), this_update, at });
    }
    match list.next_update {
        None => Err(ChainError::RevocationListWithoutEnd { issuer: name() }),
        Some(next_update) if at > next_update => {
            Err(ChainError::RevocationListExpired { issuer: name(), next_update, at })
        }
        Some(_) => Ok(()),
    }
}
