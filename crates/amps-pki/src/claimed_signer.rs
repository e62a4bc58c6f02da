//! Who signed, as far as the message says so.

use std::fmt::{self, Display};

use cms::signed_data::{SignerIdentifier, SignerInfo};
use der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectKeyIdentifier;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;

use crate::certificate::{IncludedCertificate, serial_text};
use crate::hex::UpperHex;
use crate::{Certificate, DigestAlgorithm, Error, name};

/// One signer of a message: a claim, until the signature is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedSigner {
    id: SignerId,
    certificate: Option<Certificate>,
    digest_algorithm: DigestAlgorithm,
}

impl ClaimedSigner {
    /// How the message names the signer.
    pub fn id(&self) -> &SignerId {
        &self.id
    }

    /// The certificate that answers to the identifier, if the message includes it.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// The digest that the signer used.
    pub fn digest_algorithm(&self) -> DigestAlgorithm {
        self.digest_algorithm
    }

    /// What the message says of a signer.
    pub(crate) fn resolve(info: &SignerInfo, included: &[IncludedCertificate<'_>]) -> Result<Self, Error> {
        let wanted = Wanted::new(&info.sid)?;
        let certificate = match wanted.find(included)? {
            Some((index, one)) => {
                Some(one.describe().map_err(|source| Error::Certificate { index, source })?)
            }
            None => None,
        };
        Ok(Self { id: wanted.describe()?, certificate, digest_algorithm: info.digest_alg.oid.into() })
    }
}

/// The certificate in DER that answers to the identifier of a signer, or else that identifier.
pub(crate) fn signer_certificate<'a>(
    info: &SignerInfo,
    included: &[IncludedCertificate<'a>],
) -> Result<Result<&'a [u8], SignerId>, Error> {
    let wanted = Wanted::new(&info.sid)?;
    match wanted.find(included)? {
        Some((_, one)) => Ok(Ok(one.der)),
        None => Ok(Err(wanted.describe()?)),
    }
}

/// How a message names a signer (RFC 5652 section 5.3). Text is as it stands in the message, and may be
/// hostile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignerId {
    /// By the issuer of the certificate and the number that the issuer gave it.
    IssuerAndSerial {
        /// The issuer in the form of RFC 4514.
        issuer: String,
        /// The serial number, see [`Certificate::serial`].
        serial: String,
    },
    /// By the identifier of the key in the certificate.
    KeyIdentifier {
        /// Upper-case hexadecimal digits.
        key_identifier: String,
    },
}

/// Shows `serial 77 of CN=…` or `key 0A1B…`.
impl Display for SignerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IssuerAndSerial { issuer, serial } => write!(f, "serial {serial} of {issuer}"),
            Self::KeyIdentifier { key_identifier } => write!(f, "key {key_identifier}"),
        }
    }
}

/// The identifier of a signer, in a form that can be compared with certificates.
enum Wanted<'a> {
    IssuerAndSerial { issuer: Name, serial: &'a SerialNumber },
    KeyIdentifier(&'a SubjectKeyIdentifier),
}

impl<'a> Wanted<'a> {
    fn new(sid: &'a SignerIdentifier) -> der::Result<Self> {
        match sid {
            SignerIdentifier::IssuerAndSerialNumber(both) => Ok(Self::IssuerAndSerial {
                // In BER the parts of a multi-valued name stand in any order; decoding DER sorts them, as
                // it does in the certificate.
                issuer: Name::from_der(&both.issuer.to_der()?)?,
                serial: &both.serial_number,
            }),
            SignerIdentifier::SubjectKeyIdentifier(identifier) => Ok(Self::KeyIdentifier(identifier)),
        }
    }

    fn is_named_by(&self, certificate: &IncludedCertificate<'_>) -> bool {
        let tbs = certificate.decoded.tbs_certificate();
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                tbs.issuer() == issuer && tbs.serial_number() == *serial
            }
            Self::KeyIdentifier(identifier) => certificate.key_identifier().as_ref() == Some(*identifier),
        }
    }

    /// Finds the signer's certificate, and its index, among those of the message.
    fn find<'c, 'd>(
        &self,
        included: &'c [IncludedCertificate<'d>],
    ) -> Result<Option<(usize, &'c IncludedCertificate<'d>)>, Error> {
        let mut found: Option<(usize, &IncludedCertificate<'_>)> = None;
        for (index, candidate) in included.iter().enumerate().filter(|(_, one)| self.is_named_by(one)) {
            match found {
                None => found = Some((index, candidate)),
                // The same certificate twice says the same.
                Some((_, first)) if first.der == candidate.der => {}
                // Two certificates under one identifier: whichever is shown, the other one could be what is
                // verified.
                Some(_) => {
                    let signer = self.describe()?.to_string();
                    return Err(Error::AmbiguousSigner { signer });
                }
            }
        }
        Ok(found)
    }

    fn describe(&self) -> der::Result<SignerId> {
        match self {
            Self::IssuerAndSerial { issuer, serial } => Ok(SignerId::IssuerAndSerial {
                issuer: name::to_rfc4514(issuer)?,
                serial: serial_text(serial),
            }),
            Self::KeyIdentifier(identifier) => {
                Ok(SignerId::KeyIdentifier { key_identifier: UpperHex(identifier.0.as_bytes()).to_string() })
            }
        }
    }
}
