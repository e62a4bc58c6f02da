//! A signer whose key and certificates come from a PKCS#12 file (RFC 7292).
//!
//! Read here and not with one of the crates for it: they leave copies of the decrypted key in memory, take
//! files without a MAC, bound the work of each derivation but not their sum, and do not tell a wrong password
//! from a damaged file.

mod ber;
mod container;
mod encryption;
mod error;
mod kdf;
mod write;

pub use error::Pkcs12Error;
pub(crate) use write::write;

use std::error::Error;

use const_oid::ObjectIdentifier;
use der::asn1::OctetString;
use der::{Decode, Sequence};
use zeroize::Zeroizing;

use self::container::{Bag, Container, EncryptedKey};
use self::encryption::decrypt;
use self::kdf::Deriver;
use crate::private_key::PrivateKey;
use crate::x509::ParsedCertificate;
use crate::{Password, Signer, SigningCertificates, SigningCertificatesError, oid};

/// The largest PKCS#12 file that is read, in bytes, inclusive. A key and its chain have about 10 kB.
pub const MAX_PKCS12_BYTES: usize = 1024 * 1024;

/// Parts and bags in a file, inclusive.
const MAX_BAGS: usize = 256;

/// Levels of bags in bags, inclusive.
const MAX_BAG_DEPTH: usize = 4;

/// A signer whose key and certificates come from a PKCS#12 file. The key is wiped when it is dropped.
#[derive(Debug)]
pub struct Pkcs12Signer {
    key: PrivateKey,
    certificates: SigningCertificates,
}

impl Pkcs12Signer {
    /// Opens a file that holds one private key and its certificate, and perhaps others.
    ///
    /// Takes what OpenSSL 3 writes (PBES2 with AES, HMAC-SHA-256) and what others and older ones write
    /// (RC2-40, RC2-128, 3DES, HMAC-SHA-1), in DER and in BER.
    pub fn open(file: &[u8], password: &Password) -> Result<Self, Pkcs12Error> {
        if file.len() > MAX_PKCS12_BYTES {
            return Err(Pkcs12Error::TooLarge { size_bytes: file.len() });
        }
        let contents = Contents::read(file, password)?;
        let key = match contents.keys.as_slice() {
            [] => return Err(Pkcs12Error::NoKey),
            [key] => key,
            keys => return Err(Pkcs12Error::SeveralKeys { found: keys.len() }),
        };
        let private_key = PrivateKey::from_pkcs8(&key.pkcs8).map_err(|source| Pkcs12Error::Key { source })?;
        let own = contents.certificate_of(&private_key, key.local_key_id.as_deref())?;
        let others = contents.certificates.iter().map(|certificate| certificate.der.as_slice());
        let certificates = SigningCertificates::new(own, others)?;
        Ok(Self { key: private_key, certificates })
    }
}

impl Signer for Pkcs12Signer {
    fn certificates(&self) -> &SigningCertificates {
        &self.certificates
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        self.key.sign(message)
    }
}

/// A private key as it stands in the file.
struct KeyEntry {
    pkcs8: Zeroizing<Vec<u8>>,
    local_key_id: Option<Vec<u8>>,
}

/// A certificate as it stands in the file.
struct CertificateEntry {
    der: Vec<u8>,
    local_key_id: Option<Vec<u8>>,
}

/// What is in a file: different keys, and certificates.
#[derive(Default)]
struct Contents {
    keys: Vec<KeyEntry>,
    certificates: Vec<CertificateEntry>,
}

/// `CertBag` (RFC 7292 section 4.2.3).
#[derive(Sequence)]
struct CertificateBag {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    value: OctetString,
}

impl Contents {
    fn read(file: &[u8], password: &Password) -> Result<Self, Pkcs12Error> {
        let container = Container::read(file)?;
        let mut deriver = Deriver::new(password);
        let mut is_intact = container.is_intact(&mut deriver)?;
        if !is_intact && deriver.is_empty() {
            deriver.without_terminator();
            is_intact = container.is_intact(&mut deriver)?;
        }
        if !is_intact {
            return Err(why_not_intact(&container, password));
        }
        let mut contents = Self::default();
        let mut bags_left = MAX_BAGS;
        for part in container.parts(MAX_BAGS)? {
            let bags = part.open(&mut deriver)?.ok_or(Pkcs12Error::OtherPassword)?;
            contents.add(&bags, &mut deriver, &mut bags_left, MAX_BAG_DEPTH)?;
        }
        Ok(contents)
    }

    /// Adds what is in a `SafeContents`; keys and certificates once only.
    fn add(
        &mut self,
        bags: &[u8],
        deriver: &mut Deriver<'_>,
        bags_left: &mut usize,
        depth: usize,
    ) -> Result<(), Pkcs12Error> {
        let depth = depth.checked_sub(1).ok_or(Pkcs12Error::TooManyParts { limit: MAX_BAG_DEPTH })?;
        for bag in Bag::read_all(bags, bags_left, MAX_BAGS)? {
            let local_key_id = bag.local_key_id;
            let pkcs8 = match bag.kind {
                oid::KEY_BAG => bag.value,
                oid::SHROUDED_KEY_BAG => {
                    let key = EncryptedKey::from_der(&bag.value)?;
                    let key = decrypt(&key.algorithm, key.data.as_bytes(), deriver)?;
                    key.ok_or(Pkcs12Error::OtherPassword)?
                }
                oid::CERTIFICATE_BAG => {
                    let bag = CertificateBag::from_der(&bag.value)?;
                    if bag.kind == oid::X509_CERTIFICATE {
                        let der = bag.value.into_bytes().into();
                        self.certificates.push(CertificateEntry { der, local_key_id });
                    }
                    continue;
                }
                oid::SAFE_CONTENTS_BAG => {
                    self.add(&bag.value, deriver, bags_left, depth)?;
                    continue;
                }
                // Revocation lists and secrets of other kinds.
                _ => continue,
            };
            if !self.keys.iter().any(|known| known.pkcs8 == pkcs8) {
                self.keys.push(KeyEntry { pkcs8, local_key_id });
            }
        }
        Ok(())
    }

    /// The certificate with the public half of the key; of several the one that names the key.
    ///
    /// The local key id alone proves nothing, and some writers leave it out.
    fn certificate_of(&self, key: &PrivateKey, id: Option<&[u8]>) -> Result<&[u8], Pkcs12Error> {
        let mut fitting: Vec<&CertificateEntry> = Vec::new();
        for (index, entry) in self.certificates.iter().enumerate() {
            let malformed = |source| SigningCertificatesError::Malformed { index, source };
            let certificate = ParsedCertificate::read(&entry.der).map_err(malformed)?;
            let fits = certificate.key.is_ok_and(|public| public.as_bytes() == key.public_key());
            if fits && !fitting.iter().any(|known| known.der == entry.der) {
                fitting.push(entry);
            }
        }
        if fitting.len() > 1 && id.is_some() {
            fitting.retain(|entry| entry.local_key_id.as_deref() == id);
        }
        match fitting.as_slice() {
            [one] => Ok(&one.der),
            [] => Err(Pkcs12Error::NoCertificate { found: self.certificates.len() }),
            several => Err(Pkcs12Error::SeveralCertificates { found: several.len() }),
        }
    }
}

/// The check value (MAC) is wrong: is it the password, or the file? The password is right if it opens
/// anything that is encrypted.
fn why_not_intact(container: &Container, password: &Password) -> Pkcs12Error {
    let mut deriver = Deriver::new(password);
    let Ok(parts) = container.parts(MAX_BAGS) else {
        return Pkcs12Error::Damaged;
    };
    for part in parts {
        match part.open(&mut deriver) {
            Ok(Some(bags)) if part.is_encrypted() || opens_a_key(&bags, &mut deriver) => {
                return Pkcs12Error::Damaged;
            }
            Err(error @ Pkcs12Error::TooMuchWork { .. }) => return error,
            // Not opened, or damaged whatever the password: another part may tell more.
            Ok(_) | Err(_) => {}
        }
    }
    Pkcs12Error::WrongPassword
}

/// Whether the password opens one of the keys in a `SafeContents`.
fn opens_a_key(bags: &[u8], deriver: &mut Deriver<'_>) -> bool {
    let bags = Bag::read_all(bags, &mut { MAX_BAGS }, MAX_BAGS).unwrap_or_default();
    bags.iter().filter(|bag| bag.kind == oid::SHROUDED_KEY_BAG).any(|bag| {
        let key = EncryptedKey::from_der(&bag.value).map_err(Pkcs12Error::from);
        let key = key.and_then(|key| decrypt(&key.algorithm, key.data.as_bytes(), deriver));
        matches!(key, Ok(Some(key)) if PrivateKey::from_pkcs8(&key).is_ok())
    })
}
