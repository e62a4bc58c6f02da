//! A detached signature, as it stands in the footer of a package.

use der::EncodingRules;

use crate::certificate::IncludedCertificate;
use crate::message::Message;
use crate::{ClaimedSigner, Error};

/// The largest signature that is read, in bytes, inclusive.
///
/// The signature with a chain of four RSA 4096 certificates has about 8 KiB; the rest is room for larger
/// chains.
pub const MAX_SIGNATURE_BYTES: usize = 64 * 1024;

/// A detached CMS signature: well-formed, but not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    signers: Vec<ClaimedSigner>,
}

impl Signature {
    /// Reads a signature in DER, the form in which packages should carry it.
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes, EncodingRules::Der)
    }

    /// Reads a signature in DER or BER: indefinite lengths are allowed as well.
    ///
    /// Lengths must still take as few bytes as possible, and certificates must be DER.
    pub fn from_ber(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes, EncodingRules::Ber)
    }

    /// The signers that the message names: at least one, in the order of the message.
    pub fn signers(&self) -> &[ClaimedSigner] {
        &self.signers
    }

    fn read(bytes: &[u8], rules: EncodingRules) -> Result<Self, Error> {
        let message = Message::read(bytes, rules)?;
        let included = included_certificates(&message)?;
        let signers = message
            .signers
            .iter()
            .map(|signer| ClaimedSigner::resolve(&signer.info, &included))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { signers })
    }
}

/// Decodes the certificates of a message.
pub(crate) fn included_certificates<'a>(
    message: &Message<'a>,
) -> Result<Vec<IncludedCertificate<'a>>, Error> {
    let certificates = message.certificates.iter().enumerate().map(|(index, der)| {
        IncludedCertificate::read(der).map_err(|source| Error::Certificate { index, source })
    });
    certificates.collect()
}
