//! What a certificate says of its owner.

use std::fmt::{self, Display};

use aws_lc_rs::digest;
use der::Decode;
use x509_cert::ext::pkix::SubjectKeyIdentifier;
use x509_cert::serial_number::SerialNumber;

use crate::hex::UpperHex;
use crate::{Timestamp, name};

/// What the certificate of a signer says. All text is as it stands in the certificate, and may be hostile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    subject: String,
    common_name: Option<String>,
    issuer: String,
    serial: String,
    not_before: Timestamp,
    not_after: Timestamp,
    fingerprint: Fingerprint,
}

impl Certificate {
    /// The subject in the form of RFC 4514, the most specific part first: `CN=Developer 1,O=Example,C=DE`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The common name of the subject, unescaped, if it has one that is text; of several the most specific
    /// one.
    pub fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// The issuer in the form of RFC 4514.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The serial number in upper-case hexadecimal digits, two for each byte, with `-` before a negative
    /// one, as `openssl x509 -serial` prints it.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The first second in which the certificate is valid.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// The last second in which the certificate is valid.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// The SHA-256 of the certificate as it stands in the message.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

/// The SHA-256 of a certificate in DER, shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a certificate in DER.
    pub(crate) fn of(der: &[u8]) -> Self {
        let mut fingerprint = [0; 32];
        let digest = digest::digest(&digest::SHA256, der);
        fingerprint.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
        Self(fingerprint)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A certificate as it stands in a message, together with its bytes.
pub(crate) struct IncludedCertificate<'a> {
    /// The certificate in DER, as it stands in the message.
    pub(crate) der: &'a [u8],
    /// The same, decoded.
    pub(crate) decoded: x509_cert::Certificate,
}

impl<'a> IncludedCertificate<'a> {
    /// Decodes a certificate. It is DER even where the message around it is BER: its issuer signed these
    /// bytes.
    pub(crate) fn read(der: &'a [u8]) -> der::Result<Self> {
        let decoded = x509_cert::Certificate::from_der(der)?;
        Ok(Self { der, decoded })
    }

    /// The subject key identifier, if the certificate has one that can be read.
    pub(crate) fn key_identifier(&self) -> Option<SubjectKeyIdentifier> {
        let extension = self.decoded.tbs_certificate().get_extension();
        extension.ok().flatten().map(|(_critical, identifier)| identifier)
    }

    /// What the certificate says.
    pub(crate) fn describe(&self) -> der::Result<Certificate> {
        let tbs = self.decoded.tbs_certificate();
        Ok(Certificate {
            subject: name::to_rfc4514(tbs.subject())?,
            common_name: name::common_name(tbs.subject()),
            issuer: name::to_rfc4514(tbs.issuer())?,
            serial: serial_text(tbs.serial_number()),
            not_before: tbs.validity().not_before.into(),
            not_after: tbs.validity().not_after.into(),
            fingerprint: Fingerprint::of(self.der),
        })
    }
}

/// A serial number as [`Certificate::serial`] describes it.
pub(crate) fn serial_text(serial: &SerialNumber) -> String {
    // Two's complement, most significant byte first.
    let bytes = serial.as_bytes();
    let is_negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let magnitude = if is_negative { negated(bytes) } else { bytes.to_vec() };
    let digits = match magnitude.as_slice() {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    };
    let sign = if is_negative { "-" } else { "" };
    format!("{sign}{}", UpperHex(digits))
}

/// The magnitude of a negative number in two's complement.
fn negated(bytes: &[u8]) -> Vec<u8> {
    let mut carry = true;
    let mut magnitude: Vec<u8> = bytes
        .iter()
        .rev()
        .map(|byte| {
            let (sum, overflow) = (!byte).overflowing_add(u8::from(carry));
            carry = overflow;
            sum
        })
        .collect();
    magnitude.reverse();
    magnitude
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_read_as_openssl_prints_them() {
        for (der, expected) in [
            (&b"\x02\x01\x77"[..], "77"),
            (b"\x02\x01\x00", "00"),
            (b"\x02\x01\x05", "05"),
            (b"\x02\x02\x00\xd4", "D4"),
            (b"\x02\x02\x01\x00", "0100"),
            (b"\x02\x01\xfb", "-05"),
            (b"\x02\x01\x80", "-80"),
            (b"\x02\x02\xff\x00", "-0100"),
            (b"\x02\x02\xff\x7f", "-81"),
        ] {
            let serial = SerialNumber::from_der(der).unwrap();
            assert_eq!(serial_text(&serial), expected, "{der:x?}");
        }
    }
}
