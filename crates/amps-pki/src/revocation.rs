//! Lists of certificates that were revoked before their time (RFC 5280 section 5).

use der::asn1::BitString;
use der::{Decode, Sequence};
use x509_cert::Version;
use x509_cert::crl::RevokedCert;
use x509_cert::ext::Extension;
use x509_cert::name::Name;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use crate::algorithm::{AlgorithmError, Scheme};
use crate::extensions::{ExtensionError, refuse_critical, refuse_repeated};
use crate::name::{self, ComparableName};
use crate::pem::{self, FileError};
use crate::x509::{self, ParsedCertificate};
use crate::{Timestamp, oid};

/// The largest file with revocation lists that is read, in bytes, inclusive: some 400,000 entries.
pub const MAX_REVOCATION_FILE_BYTES: usize = 16 * 1024 * 1024;

/// Revocation lists in a set, inclusive.
pub const MAX_REVOCATION_LISTS: usize = 64;

const LABEL: &str = "X509 CRL";

/// Revocation lists (CRLs). None at all: revocation is not checked.
#[derive(Clone, Debug, Default)]
pub struct RevocationLists {
    lists: Vec<RevocationList>,
}

impl RevocationLists {
    /// A set without any list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the lists of one file: PEM with one or more, or DER with one. After an error the set is as it
    /// was before.
    pub fn add(&mut self, file: &[u8]) -> Result<(), FileError> {
        let blocks = pem::blocks(file, LABEL, MAX_REVOCATION_FILE_BYTES)?;
        if self.lists.len() + blocks.len() > MAX_REVOCATION_LISTS {
            return Err(FileError::TooMany { label: LABEL, limit: MAX_REVOCATION_LISTS });
        }
        let malformed = |index, source| FileError::Malformed { label: LABEL, index, source };
        let lists = blocks.iter().enumerate();
        let lists =
            lists.map(|(index, der)| RevocationList::read(der).map_err(|error| malformed(index, error)));
        self.lists.append(&mut lists.collect::<Result<_, _>>()?);
        Ok(())
    }

    /// What the lists say of themselves, in the order in which they were added.
    pub fn facts(&self) -> impl Iterator<Item = RevocationListFacts<'_>> {
        self.lists.iter().map(|list| RevocationListFacts {
            issuer: &list.issuer_text,
            this_update: list.this_update,
            next_update: list.next_update,
        })
    }

    /// Whether there is no list.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    pub(crate) fn into_vec(self) -> Vec<RevocationList> {
        self.lists
    }
}

/// What a revocation list says of itself. Nobody has verified it, and the text may be hostile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevocationListFacts<'l> {
    /// Who made it, in the form of RFC 4514.
    pub issuer: &'l str,
    /// When it was made.
    pub this_update: Timestamp,
    /// When the next one is due; from then on this one does not count.
    pub next_update: Option<Timestamp>,
}

/// `CertificateList` (RFC 5280 section 5.1).
///
/// Not the one of x509-cert: that has no room for lists of version 1, which OpenSSL makes by default.
#[derive(Sequence)]
struct CertificateList {
    signed: SignedList,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

/// `TBSCertList` (RFC 5280 section 5.1.2).
#[derive(Sequence)]
struct SignedList {
    version: Option<Version>,
    algorithm: AlgorithmIdentifierOwned,
    issuer: Name,
    this_update: Time,
    next_update: Option<Time>,
    revoked: Option<Vec<RevokedCert>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

/// One revocation list.
#[derive(Clone, Debug)]
pub(crate) struct RevocationList {
    pub(crate) issuer: ComparableName,
    issuer_text: String,
    pub(crate) this_update: Timestamp,
    pub(crate) next_update: Option<Timestamp>,
    pub(crate) extensions: Result<(), ExtensionError>,
    /// Serial numbers and since when, sorted.
    revoked: Vec<(Vec<u8>, Timestamp)>,
    scheme: Result<Scheme, AlgorithmError>,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

impl RevocationList {
    fn read(der: &[u8]) -> der::Result<Self> {
        let list = CertificateList::from_der(der)?;
        let tbs = &list.signed;
        let entries = tbs.revoked.as_deref().unwrap_or_default();
        if !matches!(tbs.version, None | Some(Version::V2)) {
            return Err(der::ErrorKind::Value { tag: der::Tag::Integer }.into());
        }
        let mut revoked: Vec<_> = entries
            .iter()
            .map(|entry| (entry.serial_number.as_bytes().to_vec(), entry.revocation_date.into()))
            .collect();
        revoked.sort_unstable();
        Ok(Self {
            issuer: ComparableName::new(&tbs.issuer)?,
            issuer_text: name::to_rfc4514(&tbs.issuer)?,
            this_update: tbs.this_update.into(),
            next_update: tbs.next_update.map(Into::into),
            extensions: check_extensions(tbs.extensions.as_deref().unwrap_or_default(), entries),
            revoked,
            scheme: x509::scheme(&tbs.algorithm, &list.algorithm),
            signed: x509::signed_part(der)?.to_vec(),
            signature: list.signature.as_bytes().unwrap_or_default().to_vec(),
        })
    }

    /// Whether `issuer` has the key that signed this list.
    pub(crate) fn is_signed_by(&self, issuer: &ParsedCertificate) -> Result<bool, AlgorithmError> {
        let key = issuer.key.as_ref().map_err(Clone::clone)?;
        key.verifies(self.scheme.clone()?, &self.signed, &self.signature)
    }

    /// Since when the certificate with this serial number is revoked, if it is.
    ///
    /// The date does not matter, nor does the reason: a certificate on hold is not to be used either.
    pub(crate) fn revoked_since(&self, serial: &[u8]) -> Option<Timestamp> {
        let found = self.revoked.binary_search_by(|(revoked, _)| revoked.as_slice().cmp(serial));
        found.ok().and_then(|index| self.revoked.get(index)).map(|(_, since)| *since)
    }
}

/// Checks that the list speaks for its issuer and for all of its certificates: one that is about a part of
/// them, about changes since an earlier list, or about certificates of others says so in critical extensions
/// (RFC 5280 sections 5.2.4, 5.2.5, 5.3.3).
fn check_extensions(list: &[Extension], entries: &[RevokedCert]) -> Result<(), ExtensionError> {
    refuse_repeated(list)?;
    for extension in list {
        match extension.extn_id {
            oid::AUTHORITY_KEY_IDENTIFIER | oid::ISSUER_ALTERNATIVE_NAME | oid::CRL_NUMBER => {}
            _ => refuse_critical(extension)?,
        }
    }
    for extension in entries.iter().flat_map(|entry| entry.crl_entry_extensions.iter().flatten()) {
        match extension.extn_id {
            oid::CRL_REASON | oid::INVALIDITY_DATE => {}
            _ => refuse_critical(extension)?,
        }
    }
    Ok(())
}
