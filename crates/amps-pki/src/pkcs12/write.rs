//! Writing a PKCS#12 file (RFC 7292) with one key, as OpenSSL 3 does: everything encrypted with PBES2, a MAC over it.

use aws_lc_rs::cipher::{AES_256, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::{digest, hmac, pbkdf2};
use const_oid::ObjectIdentifier;
use der::asn1::{OctetString, OctetStringRef};
use der::{Encode, Tag, TagNumber};
use zeroize::Zeroizing;

use super::kdf::{Deriver, Purpose};
use crate::certificate::Fingerprint;
use crate::{IssueError, Password, der_write, oid};

/// Rounds of each key derivation: what OpenSSL 3 takes, and every reader accepts.
const ROUNDS: u16 = 2048;

const SALT_BYTES: usize = 16;

/// Makes a file with a key in PKCS#8, its certificate and others, all in DER.
pub(crate) fn write(
    key: &[u8],
    own: &[u8],
    others: &[&[u8]],
    password: &Password,
) -> Result<Vec<u8>, IssueError> {
    let mut deriver = Deriver::new(password);
    // What says that the certificate is the key's.
    let local_key_id = Fingerprint::of(own);
    let mut certificates = certificate_bag(own, Some(&local_key_id))?;
    for other in others {
        certificates.extend(certificate_bag(other, None)?);
    }
    let key_bag = key_bag(key, &local_key_id, &mut deriver)?;
    let parts = der_write::sequence(&[
        &encrypted_data(&der_write::sequence(&[&certificates])?, &mut deriver)?,
        &data(&der_write::sequence(&[&key_bag])?)?,
    ])?;
    let mac = mac(&parts, &mut deriver)?;
    Ok(der_write::sequence(&[&3_u8.to_der()?, &data(&parts)?, &mac])?)
}

/// `SafeBag` (section 4.2) with an X.509 certificate.
fn certificate_bag(der: &[u8], local_key_id: Option<&Fingerprint>) -> Result<Vec<u8>, IssueError> {
    let value = OctetStringRef::new(der)?.to_der()?;
    let bag = der_write::sequence(&[&oid::X509_CERTIFICATE.to_der()?, &der_write::context(0, &[&value])?])?;
    safe_bag(oid::CERTIFICATE_BAG, &bag, local_key_id)
}

/// `SafeBag` with an encrypted key.
fn key_bag(key: &[u8], local_key_id: &Fingerprint, deriver: &mut Deriver<'_>) -> Result<Vec<u8>, IssueError> {
    let (algorithm, encrypted) = encrypt(key, deriver)?;
    let bag = der_write::sequence(&[&algorithm, &OctetString::new(encrypted)?.to_der()?])?;
    safe_bag(oid::SHROUDED_KEY_BAG, &bag, Some(local_key_id))
}

fn safe_bag(
    kind: ObjectIdentifier,
    bag: &[u8],
    local_key_id: Option<&Fingerprint>,
) -> Result<Vec<u8>, IssueError> {
    let attributes = match local_key_id {
        None => Vec::new(),
        Some(id) => {
            let value = der_write::set(vec![OctetStringRef::new(id.as_bytes())?.to_der()?])?;
            let attribute = der_write::sequence(&[&oid::LOCAL_KEY_ID.to_der()?, &value])?;
            der_write::set(vec![attribute])?
        }
    };
    Ok(der_write::sequence(&[&kind.to_der()?, &der_write::context(0, &[bag])?, &attributes])?)
}

/// `ContentInfo` with plain data.
fn data(content: &[u8]) -> Result<Vec<u8>, IssueError> {
    let content = OctetStringRef::new(content)?.to_der()?;
    Ok(der_write::sequence(&[&oid::DATA.to_der()?, &der_write::context(0, &[&content])?])?)
}

/// `ContentInfo` with `EncryptedData` (RFC 5652 section 8).
fn encrypted_data(content: &[u8], deriver: &mut Deriver<'_>) -> Result<Vec<u8>, IssueError> {
    let (algorithm, encrypted) = encrypt(content, deriver)?;
    let tag = Tag::ContextSpecific { constructed: false, number: TagNumber(0) };
    let encrypted = der_write::element(tag, &[&encrypted])?;
    let info = der_write::sequence(&[&oid::DATA.to_der()?, &algorithm, &encrypted])?;
    let content = der_write::sequence(&[&0_u8.to_der()?, &info])?;
    Ok(der_write::sequence(&[&oid::ENCRYPTED_DATA.to_der()?, &der_write::context(0, &[&content])?])?)
}

/// Encrypts with AES-256 in CBC and a key from PBKDF2 with HMAC-SHA-256; gives the algorithm, in DER, and the data.
fn encrypt(plain: &[u8], deriver: &mut Deriver<'_>) -> Result<(Vec<u8>, Vec<u8>), IssueError> {
    let failed = |_| IssueError::Key { action: "encrypt a key file" };
    let salt = salt()?;
    let key = deriver.pbkdf2(pbkdf2::PBKDF2_HMAC_SHA256, &salt, ROUNDS.into(), 32)?;
    let key = UnboundCipherKey::new(&AES_256, &key).map_err(failed)?;
    // Room for the padding: growing would leave a copy of the key behind.
    let mut data = Zeroizing::new(Vec::with_capacity(plain.len() + 16));
    data.extend_from_slice(plain);
    let context =
        PaddedBlockEncryptingKey::cbc_pkcs7(key).and_then(|key| key.encrypt(&mut *data)).map_err(failed)?;
    let iv = <&[u8]>::try_from(&context).map_err(failed)?;
    let function = der_write::sequence(&[&oid::HMAC_SHA256.to_der()?, &[0x05, 0x00]])?;
    let parameters =
        der_write::sequence(&[&OctetStringRef::new(&salt)?.to_der()?, &ROUNDS.to_der()?, &function])?;
    let derivation = der_write::sequence(&[&oid::PBKDF2.to_der()?, &parameters])?;
    let cipher = der_write::sequence(&[&oid::AES256_CBC.to_der()?, &OctetStringRef::new(iv)?.to_der()?])?;
    let parameters = der_write::sequence(&[&derivation, &cipher])?;
    let algorithm = der_write::sequence(&[&oid::PBES2.to_der()?, &parameters])?;
    Ok((algorithm, std::mem::take(&mut *data)))
}

/// `MacData` (section 4) with HMAC-SHA-256.
fn mac(content: &[u8], deriver: &mut Deriver<'_>) -> Result<Vec<u8>, IssueError> {
    let salt = salt()?;
    let key = deriver.pkcs12(&digest::SHA256, Purpose::Mac, &salt, ROUNDS.into(), 32)?;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), content);
    let algorithm = der_write::sequence(&[&oid::SHA256.to_der()?, &[0x05, 0x00]])?;
    let info = der_write::sequence(&[&algorithm, &OctetStringRef::new(tag.as_ref())?.to_der()?])?;
    Ok(der_write::sequence(&[&info, &OctetStringRef::new(&salt)?.to_der()?, &ROUNDS.to_der()?])?)
}

fn salt() -> Result<[u8; SALT_BYTES], IssueError> {
    let mut salt = [0; SALT_BYTES];
    SystemRandom::new().fill(&mut salt).map_err(|_| IssueError::Key { action: "make a salt" })?;
    Ok(salt)
}
