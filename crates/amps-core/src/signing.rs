//! Signing a package for one device, without packing it again.

use std::{
    io::{Read, Seek},
    num::NonZero,
    sync::{Arc, Mutex, PoisonError},
};

use ampkg::{Digest, END_OF_ARCHIVE, FooterField, FooterPlace, FormatVersion, footer_entries};
use amps_pki::{HardwareId, SignError, SignatureInput, Signer};
use amps_splice::Recipe;
use lru::LruCache;

use crate::{
    clock::Timestamp,
    model::{BlobId, ReleaseFacts},
};

/// Signed ends that are kept by default: some 3 KiB each.
const KEPT_ENDS: NonZero<usize> = match NonZero::new(4096) {
    Some(ends) => ends,
    None => NonZero::<usize>::MIN,
};

/// Makes store signatures, and keeps the last few thousand, so that a device which resumes a download sees the same bytes.
pub struct StoreSigning {
    signer: Arc<dyn Signer>,
    ends: Mutex<LruCache<Key, Arc<[u8]>>>,
}

/// For which package and device a signature is: what is signed differs from device to device, and does not tell which it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    package: BlobId,
    signed: [u8; 32],
}

/// Why a package could not be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The time cannot stand in a signature.
    #[error("the clock says {seconds} seconds since 1970: expected a time from 1970 to 9999")]
    Clock {
        /// What it says.
        seconds: i64,
    },
    /// The key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The package cannot be given a new end.
    #[error("the package cannot be cut where its signature goes")]
    Splice(#[from] amps_splice::Error),
    /// The footer cannot be written.
    #[error(transparent)]
    Package(#[from] ampkg::Error),
}

impl StoreSigning {
    /// Signs with this key.
    pub fn new(signer: Arc<dyn Signer>) -> Self {
        Self { signer, ends: Mutex::new(LruCache::new(KEPT_ENDS)) }
    }

    /// Who signs.
    pub fn signer(&self) -> &dyn Signer {
        &*self.signer
    }

    /// The bytes that stand behind the first `recipe.keep_bytes` of a release's package to make it one that is signed for a
    /// device, or for any device.
    pub(crate) fn end(
        &self,
        release: &ReleaseFacts,
        recipe: &Recipe,
        device: Option<&HardwareId>,
        now: Timestamp,
    ) -> Result<Arc<[u8]>, SigningError> {
        let input = SignatureInput::store(&release.digest.0, device);
        let key = Key { package: release.package.id, signed: *input.as_bytes() };
        if let Some(end) = self.kept(&key) {
            return Ok(end);
        }
        let signature = amps_pki::sign(&input, &*self.signer, now.for_certificates()?)?;
        let version = if release.format_version == 1 { FormatVersion::V1 } else { FormatVersion::V2 };
        let end: Arc<[u8]> = end_of(recipe, &[FooterField::StoreSignature(signature)], version)?.into();
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever was first with the same device counts: both get the same bytes.
        Ok(Arc::clone(ends.get_or_insert(key, || end)))
    }

    /// The same if it was made already and is kept.
    pub(crate) fn kept_end(&self, release: &ReleaseFacts, device: Option<&HardwareId>) -> Option<Arc<[u8]>> {
        let input = SignatureInput::store(&release.digest.0, device);
        self.kept(&Key { package: release.package.id, signed: *input.as_bytes() })
    }

    fn kept(&self, key: &Key) -> Option<Arc<[u8]>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).get(key).map(Arc::clone)
    }
}

/// A store signature over a digest, for one device or for all.
pub(crate) fn sign(
    signer: &dyn Signer,
    digest: Digest,
    device: Option<&HardwareId>,
    now: Timestamp,
) -> Result<Vec<u8>, SigningError> {
    let input = SignatureInput::store(&digest.0, device);
    Ok(amps_pki::sign(&input, signer, now.for_certificates()?)?)
}

/// How a package gets a store signature without being packed again: what of the file stays, and what the signature stands
/// behind. `place` is [`ampkg::Package::store_signature_place`].
pub(crate) fn recipe(
    file: impl Read + Seek,
    place: &FooterPlace,
    version: FormatVersion,
    limits: &ampkg::Limits,
) -> Result<Recipe, SigningError> {
    let limits = amps_splice::Limits {
        file_bytes: limits.package_bytes,
        unpacked_bytes: limits.unpacked_bytes,
        members: limits.gzip_members,
        ..amps_splice::Limits::default()
    };
    let mut recipe = Recipe::find(file, place.offset_bytes, &limits)?;
    // Footers that are written again stand between the cut and the signature, every time.
    recipe.rem.extend(footer_entries(&place.fields, version)?);
    Ok(recipe)
}

/// What stands behind the first `recipe.keep_bytes` of a package that ends in these footers.
pub(crate) fn end_of(
    recipe: &Recipe,
    fields: &[FooterField],
    version: FormatVersion,
) -> Result<Vec<u8>, SigningError> {
    let mut tail = footer_entries(fields, version)?;
    tail.extend(END_OF_ARCHIVE);
    Ok(recipe.splice(&tail)?.into_end())
}

impl Timestamp {
    /// As certificates and signatures state it.
    pub fn for_certificates(self) -> Result<amps_pki::Timestamp, SigningError> {
        let seconds = u64::try_from(self.0).ok().and_then(amps_pki::Timestamp::from_unix_seconds);
        seconds.ok_or(SigningError::Clock { seconds: self.0 })
    }
}
