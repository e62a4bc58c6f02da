//! Signing a package for one device, without packing it again.

use std::{
    io::{Read, Seek},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ampkg::{
    Digest, END_OF_ARCHIVE, FooterField, FooterPlace, FormatVersion, GzipLandmark, Package, footer_entries,
};
use amps_pki::{HardwareId, SignError, SignatureInput, Signer};
use amps_splice::{Landmark, Recipe, TailPacker};

use crate::{
    clock::Timestamp,
    counts::CacheCounter,
    kept_ends::{KeptEnds, Key},
    model::ReleaseFacts,
};

/// Packers that are kept while nobody uses them: as many as sign at the same time on a large machine, 300 kB each.
const KEPT_PACKERS: usize = 16;

/// Makes store signatures, and keeps the last few thousand, so that a device which resumes a download sees the same bytes.
pub struct StoreSigning {
    signer: Arc<dyn Signer>,
    ends: KeptEnds,
    packers: Mutex<Vec<TailPacker>>,
    pub(crate) counts: CacheCounter,
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
        Self { signer, ends: KeptEnds::new(), packers: Mutex::default(), counts: CacheCounter::default() }
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
        if let Some(end) = self.ends.find(&key) {
            self.counts.hits.one_more();
            return Ok(end);
        }
        self.counts.misses.one_more();
        let signature = amps_pki::sign(&input, &*self.signer, now.for_certificates()?)?;
        let version = if release.format_version == 1 { FormatVersion::V1 } else { FormatVersion::V2 };
        let mut packer = self.packers().pop().unwrap_or_default();
        let end = end_of(recipe, &[FooterField::StoreSignature(signature)], version, &mut packer);
        {
            let mut packers = self.packers();
            if packers.len() < KEPT_PACKERS {
                packers.push(packer);
            }
        }
        Ok(self.ends.keep(key, end?))
    }

    /// The same if it was made already and is kept.
    pub(crate) fn kept_end(&self, release: &ReleaseFacts, device: Option<&HardwareId>) -> Option<Arc<[u8]>> {
        let input = SignatureInput::store(&release.digest.0, device);
        let end = self.ends.find(&Key { package: release.package.id, signed: *input.as_bytes() });
        end.inspect(|_| self.counts.hits.one_more())
    }

    fn packers(&self) -> MutexGuard<'_, Vec<TailPacker>> {
        self.packers.lock().unwrap_or_else(PoisonError::into_inner)
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

/// How a package gets a signature without being packed again: what of the file stays, and what the signature stands behind.
/// `file` is what `package` was read from; `place` is a place in it.
///
/// What was noted when the package was read leads there at once. If it does not, the file is inflated once more.
pub(crate) fn recipe(
    mut file: impl Read + Seek,
    package: &Package,
    place: &FooterPlace,
    limits: &ampkg::Limits,
) -> Result<Recipe, SigningError> {
    let limits = amps_splice::Limits {
        file_bytes: limits.package_bytes,
        unpacked_bytes: limits.unpacked_bytes,
        members: limits.gzip_members,
        ..amps_splice::Limits::default()
    };
    let noted = match package.gzip_landmark(place) {
        Some(noted) => Recipe::find_from(&mut file, &landmark(noted), &limits)?,
        None => None,
    };
    let mut recipe = match noted {
        Some(recipe) => recipe,
        None => Recipe::find(file, place.offset_bytes, &limits)?,
    };
    // Footers that are written again stand between the cut and the signature, every time.
    recipe.rem.extend(footer_entries(&place.fields, package.header.version)?);
    Ok(recipe)
}

/// The two crates know nothing of each other.
fn landmark(noted: &GzipLandmark) -> Landmark<'_> {
    Landmark {
        end: noted.offset_bytes,
        member_offset: noted.member_offset,
        stream_offset: noted.stream_offset,
        trailer_offset: noted.trailer_offset,
        member_start: noted.member_start,
        member_bytes: noted.member_bytes,
        block_offset: noted.block_offset,
        block_bytes: noted.block_bytes,
        crc_before_near: noted.crc_before_near,
        near: &noted.near,
        crc_behind: noted.crc_behind,
    }
}

/// What stands behind the first `recipe.keep_bytes` of a package that ends in these footers.
pub(crate) fn end_of(
    recipe: &Recipe,
    fields: &[FooterField],
    version: FormatVersion,
    packer: &mut TailPacker,
) -> Result<Vec<u8>, SigningError> {
    let mut tail = footer_entries(fields, version)?;
    tail.extend(END_OF_ARCHIVE);
    Ok(recipe.splice_with(packer, &tail)?.into_end())
}

impl Timestamp {
    /// As certificates and signatures state it.
    pub fn for_certificates(self) -> Result<amps_pki::Timestamp, SigningError> {
        let seconds = u64::try_from(self.0).ok().and_then(amps_pki::Timestamp::from_unix_seconds);
        seconds.ok_or(SigningError::Clock { seconds: self.0 })
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Cursor, path::PathBuf};

    use amps_testkit::{Gzip, PackageBuilder};

    use super::*;

    /// Gives at most so many bytes at a time.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let room = into.len().min(self.1);
            self.0.read(&mut into[..room])
        }
    }

    /// Whether what was noted while the package came in such pieces leads to the recipe, for the places of both signatures.
    /// What it leads to must be what the whole file does.
    #[track_caller]
    fn is_noted(bytes: &[u8], piece_bytes: usize) -> [bool; 2] {
        let package = ampkg::read(Pieces(bytes, piece_bytes), &ampkg::Limits::default(), &mut ()).unwrap();
        let package = package.as_unverified();
        let limits = amps_splice::Limits::default();
        [package.store_signature_place(), package.developer_signature_place()].map(|place| {
            let Some(noted) = package.gzip_landmark(&place) else { return false };
            let found = Recipe::find_from(Cursor::new(bytes), &landmark(noted), &limits).unwrap();
            let expected = Recipe::find(Cursor::new(bytes), place.offset_bytes, &limits).unwrap();
            assert!(found.is_none() || found.as_ref() == Some(&expected), "{found:?} is not {expected:?}");
            found.is_some()
        })
    }

    /// Noise, words and zeros.
    fn data(bytes: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let mut data = Vec::with_capacity(bytes);
        while data.len() < bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let random = (state >> 33).to_le_bytes();
            match state >> 62 {
                0 => data.extend(random),
                1 => data
                    .extend([b"package ".as_slice(), b"manifest ", b"footer "][usize::from(random[0]) % 3]),
                _ => data.resize(data.len() + usize::from(random[0]) % 40, 0),
            }
        }
        data
    }

    #[test]
    fn what_was_noted_leads_to_the_recipe_of_every_fixture() {
        for generation in ["qt5", "qt6"] {
            let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/packages");
            for entry in fs::read_dir(folder.join(generation)).unwrap() {
                let path = entry.unwrap().path();
                let bytes = fs::read(&path).unwrap();
                let [store, _] = is_noted(&bytes, usize::MAX);
                assert!(store, "{}", path.display());
                is_noted(&bytes, 1);
            }
        }
    }

    #[test]
    fn what_was_noted_leads_to_the_recipe_of_packages_of_many_shapes() {
        let builder = PackageBuilder::hello().file("data", data(300_000));
        let signed = builder.clone().footer_field("storeSignature", "AQID");
        let (mut found, mut all) = (0, 0);
        for (builder, bytes) in [(&builder, 0), (&signed, 0), (&signed, 70_000)] {
            // What the archive ends in is not compressed as well as its beginning.
            let builder = builder.clone().file("more", &data(500_000)[500_000 - bytes..]);
            for level in [0, 1, 6, 9] {
                for members in [1, 2, 60] {
                    let gzip = Gzip::new().level(level).members(members).file_name("n").padding(700);
                    let package = builder.clone().gzip(gzip).build();
                    for piece_bytes in [usize::MAX, 1400, 13] {
                        let [store, _] = is_noted(&package, piece_bytes);
                        found += usize::from(store);
                        all += 1;
                    }
                }
            }
        }
        assert!(found * 10 > all * 8, "{found} of {all}");
    }
}
