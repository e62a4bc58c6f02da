//! Blobs from one store to another, and their hashes.

use std::io::{self, Write};

use ampkg::Digest;
use sha2::{Digest as _, Sha256};

use super::CareError;
use crate::{
    blob::{Blob, BlobError, BlobStore},
    model::BlobId,
};

/// How much is read at a time.
const PIECE_BYTES: usize = 1 << 20;

/// Told how many bytes were read.
pub(super) type Progress<'a> = &'a mut dyn FnMut(u64);

/// Copies a blob, if its bytes are those that its name says; returns its size. None: there is none of that name.
pub(super) fn copy(
    id: &BlobId,
    from: &dyn BlobStore,
    to: &dyn BlobStore,
    progress: Progress<'_>,
) -> Result<Option<u64>, CareError> {
    let blob = match from.open(id) {
        Ok(blob) => blob,
        Err(BlobError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut staged = to.stage()?;
    let found =
        hash_into(&*blob, &mut staged, progress).map_err(|source| CareError::Copy { id: *id, source })?;
    if found != *id {
        return Err(CareError::BlobDamaged { id: *id, found });
    }
    staged.commit(id)?;
    Ok(Some(blob.size_bytes()))
}

/// The name that a blob's bytes should have.
pub(super) fn hash(id: &BlobId, blob: &dyn Blob, progress: Progress<'_>) -> Result<BlobId, CareError> {
    hash_into(blob, &mut io::sink(), progress).map_err(|source| CareError::Copy { id: *id, source })
}

fn hash_into(blob: &dyn Blob, into: &mut impl Write, progress: Progress<'_>) -> io::Result<BlobId> {
    let mut piece = vec![0; PIECE_BYTES];
    let (mut hash, mut offset) = (Sha256::new(), 0);
    loop {
        let count = match blob.read_at(offset, &mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            result => result?,
        };
        let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        hash.update(bytes);
        into.write_all(bytes)?;
        offset += bytes.len() as u64;
        progress(bytes.len() as u64);
    }
    Ok(BlobId(Digest(hash.finalize().into())))
}
