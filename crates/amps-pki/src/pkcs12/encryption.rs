//! The ciphers that parts of a PKCS#12 file are encrypted with.

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptingKey, DecryptionContext, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{digest, pbkdf2};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, InnerIvInit, KeyInit};
use const_oid::ObjectIdentifier;
use der::asn1::{Any, OctetString};
use der::{Decode, Encode, Sequence};
use des::TdesEde3;
use rc2::Rc2;
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::Pkcs12Error;
use super::kdf::{Deriver, Purpose};
use crate::oid;

/// What was decrypted; `None` if the padding is wrong: another password, or damage.
type Decrypted = Option<Zeroizing<Vec<u8>>>;

/// `PBEParameter` (RFC 8018 section A.3).
#[derive(Sequence)]
struct PbeParameters {
    salt: OctetString,
    rounds: u32,
}

/// `PBES2-params` (RFC 8018 section A.4).
#[derive(Sequence)]
struct Pbes2Parameters {
    derivation: AlgorithmIdentifierOwned,
    encryption: AlgorithmIdentifierOwned,
}

/// `PBKDF2-params` (RFC 8018 section A.2).
#[derive(Sequence)]
struct Pbkdf2Parameters {
    salt: OctetString,
    rounds: u32,
    key_bytes: Option<u16>,
    function: Option<AlgorithmIdentifierOwned>,
}

/// Decrypts `data`.
pub(super) fn decrypt(
    algorithm: &AlgorithmIdentifierOwned,
    data: &[u8],
    deriver: &mut Deriver<'_>,
) -> Result<Decrypted, Pkcs12Error> {
    let data = Zeroizing::new(data.to_vec());
    match algorithm.oid {
        oid::PBES2 => pbes2(parameters(algorithm)?, data, deriver),
        oid::PBE_SHA1_3DES => legacy::<TdesEde3>(parameters(algorithm)?, 24, data, deriver),
        oid::PBE_SHA1_2DES => legacy::<des::TdesEde2>(parameters(algorithm)?, 16, data, deriver),
        oid::PBE_SHA1_RC2_128 => legacy::<Rc2>(parameters(algorithm)?, 16, data, deriver),
        oid::PBE_SHA1_RC2_40 => legacy::<Rc2>(parameters(algorithm)?, 5, data, deriver),
        found => Err(unsupported(found)),
    }
}

/// The old way: the key derivation of PKCS#12 with SHA-1 (RFC 7292 section B.4).
fn legacy<C: KeyInit + BlockCipherDecrypt>(
    PbeParameters { salt, rounds }: PbeParameters,
    key_bytes: usize,
    data: Zeroizing<Vec<u8>>,
    deriver: &mut Deriver<'_>,
) -> Result<Decrypted, Pkcs12Error> {
    let sha1 = &digest::SHA1_FOR_LEGACY_USE_ONLY;
    let key = deriver.pkcs12(sha1, Purpose::Key, salt.as_bytes(), rounds, key_bytes)?;
    let iv = deriver.pkcs12(sha1, Purpose::Iv, salt.as_bytes(), rounds, 8)?;
    Ok(cbc::<C>(&key, &iv, data))
}

/// The new way: PBKDF2, and a cipher with its own parameters (RFC 8018 section 6.2).
fn pbes2(
    Pbes2Parameters { derivation, encryption }: Pbes2Parameters,
    data: Zeroizing<Vec<u8>>,
    deriver: &mut Deriver<'_>,
) -> Result<Decrypted, Pkcs12Error> {
    if derivation.oid != oid::PBKDF2 {
        return Err(unsupported(derivation.oid));
    }
    let aes: Option<&'static Algorithm> = match encryption.oid {
        oid::AES128_CBC => Some(&AES_128),
        oid::AES192_CBC => Some(&AES_192),
        oid::AES256_CBC => Some(&AES_256),
        oid::DES3_CBC => None,
        found => return Err(unsupported(found)),
    };
    let key_bytes = match encryption.oid {
        oid::AES128_CBC => 16,
        oid::AES192_CBC | oid::DES3_CBC => 24,
        _ => 32,
    };
    let derivation: Pbkdf2Parameters = parameters(&derivation)?;
    if derivation.key_bytes.is_some_and(|stated| usize::from(stated) != key_bytes) {
        return Err(unsupported(encryption.oid));
    }
    let function = match derivation.function.as_ref().map(|function| function.oid) {
        None | Some(oid::HMAC_SHA1) => pbkdf2::PBKDF2_HMAC_SHA1,
        Some(oid::HMAC_SHA256) => pbkdf2::PBKDF2_HMAC_SHA256,
        Some(oid::HMAC_SHA384) => pbkdf2::PBKDF2_HMAC_SHA384,
        Some(oid::HMAC_SHA512) => pbkdf2::PBKDF2_HMAC_SHA512,
        Some(found) => return Err(unsupported(found)),
    };
    let iv: OctetString = parameters(&encryption)?;
    let key = deriver.pbkdf2(function, derivation.salt.as_bytes(), derivation.rounds, key_bytes)?;
    match aes {
        Some(aes) => Ok(aes_cbc(aes, &key, iv.as_bytes(), data)),
        None => Ok(cbc::<TdesEde3>(&key, iv.as_bytes(), data)),
    }
}

fn aes_cbc(aes: &'static Algorithm, key: &[u8], iv: &[u8], mut data: Zeroizing<Vec<u8>>) -> Decrypted {
    let key = DecryptingKey::cbc(UnboundCipherKey::new(aes, key).ok()?).ok()?;
    let iv = FixedLength::from(<[u8; 16]>::try_from(iv).ok()?);
    key.decrypt(&mut data, DecryptionContext::Iv128(iv)).ok()?;
    // The padding of PKCS#7: as many bytes as are missing, each of them that number.
    let padding = *data.last()?;
    let text = data.len().checked_sub(usize::from(padding))?;
    let is_right = (1..=16).contains(&padding) && data.get(text..)?.iter().all(|byte| *byte == padding);
    data.truncate(text);
    is_right.then_some(data)
}

fn cbc<C: KeyInit + BlockCipherDecrypt>(key: &[u8], iv: &[u8], mut data: Zeroizing<Vec<u8>>) -> Decrypted {
    let cipher = C::new_from_slice(key).ok()?;
    let decryptor = Decryptor::<C>::inner_iv_slice_init(cipher, iv).ok()?;
    let size = decryptor.decrypt_padded::<Pkcs7>(&mut data).ok()?.len();
    data.truncate(size);
    Some(data)
}

/// Decodes the parameters of an algorithm.
fn parameters<T>(algorithm: &AlgorithmIdentifierOwned) -> Result<T, Pkcs12Error>
where
    T: for<'a> Decode<'a, Error = der::Error>,
{
    let parameters = algorithm.parameters.as_ref().map(Any::to_der).transpose()?;
    Ok(T::from_der(&parameters.unwrap_or_default())?)
}

pub(super) fn unsupported(found: ObjectIdentifier) -> Pkcs12Error {
    Pkcs12Error::UnsupportedAlgorithm { found: found.to_string() }
}
