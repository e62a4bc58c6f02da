//! The extensions of a certificate that decide what it may be used for (RFC 5280 section 4.2).

use const_oid::ObjectIdentifier;
use der::Decode;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier,
};

use crate::oid;

/// Why the extensions of a certificate or a revocation list are not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtensionError {
    /// A critical extension says something that is not understood here.
    #[error("the critical extension `{oid}` is not supported")]
    UnknownCritical {
        /// The object identifier of the extension, in dotted decimals.
        oid: String,
    },
    /// The names that a CA may certify are constrained; that is not supported, critical or not.
    #[error("name constraints (`2.5.29.30`) are not supported")]
    NameConstraints,
    /// An extension is not well-formed.
    #[error("the extension `{oid}` is not well-formed")]
    Malformed {
        /// The object identifier of the extension, in dotted decimals.
        oid: String,
        /// What the decoder found.
        source: der::Error,
    },
    /// An extension stands there more than once.
    #[error("the extension `{oid}` stands there more than once")]
    Repeated {
        /// The object identifier of the extension, in dotted decimals.
        oid: String,
    },
}

/// What the extensions of a certificate say; `None` where they say nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extensions {
    pub(crate) basic_constraints: Option<BasicConstraints>,
    pub(crate) key_usage: Option<KeyUsage>,
    pub(crate) extended_key_usage: Option<ExtendedKeyUsage>,
    pub(crate) key_identifier: Option<SubjectKeyIdentifier>,
    pub(crate) issuer_key: Option<AuthorityKeyIdentifier>,
}

impl Extensions {
    /// Reads the extensions of a certificate.
    pub(crate) fn read(all: &[Extension]) -> Result<Self, ExtensionError> {
        refuse_repeated(all)?;
        let mut read = Self::default();
        for extension in all {
            match extension.extn_id {
                oid::BASIC_CONSTRAINTS => read.basic_constraints = Some(value(extension)?),
                oid::KEY_USAGE => read.key_usage = Some(value(extension)?),
                oid::EXTENDED_KEY_USAGE => read.extended_key_usage = Some(value(extension)?),
                oid::SUBJECT_KEY_IDENTIFIER => read.key_identifier = Some(value(extension)?),
                oid::AUTHORITY_KEY_IDENTIFIER => read.issuer_key = Some(value(extension)?),
                // To pass over one that is not critical would let a CA certify more than it may.
                oid::NAME_CONSTRAINTS => return Err(ExtensionError::NameConstraints),
                // Other names of the same subject, and policies, of which any will do here: they restrict
                // nothing.
                oid::SUBJECT_ALTERNATIVE_NAME | oid::ISSUER_ALTERNATIVE_NAME | oid::CERTIFICATE_POLICIES => {}
                _ => refuse_critical(extension)?,
            }
        }
        Ok(read)
    }
}

/// Refuses an extension that is not understood if it is critical.
pub(crate) fn refuse_critical(extension: &Extension) -> Result<(), ExtensionError> {
    if extension.critical {
        return Err(ExtensionError::UnknownCritical { oid: extension.extn_id.to_string() });
    }
    Ok(())
}

/// Refuses extensions of which one stands there twice (RFC 5280 section 4.2): readers disagree on which
/// counts.
pub(crate) fn refuse_repeated(all: &[Extension]) -> Result<(), ExtensionError> {
    let mut seen: Vec<ObjectIdentifier> = all.iter().map(|extension| extension.extn_id).collect();
    seen.sort_unstable();
    match seen.windows(2).find(|pair| pair.first() == pair.last()) {
        Some([oid, ..]) => Err(ExtensionError::Repeated { oid: oid.to_string() }),
        _ => Ok(()),
    }
}

/// The value of an extension.
pub(crate) fn value<'a, T: Decode<'a, Error = der::Error>>(
    extension: &'a Extension,
) -> Result<T, ExtensionError> {
    T::from_der(extension.extn_value.as_bytes())
        .map_err(|source| ExtensionError::Malformed { oid: extension.extn_id.to_string(), source })
}
