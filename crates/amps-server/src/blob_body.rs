//! A blob as the body of an answer.

use std::{io, sync::Arc};

use amps_core::Blob;
use axum::body::{Body, Bytes};
use futures_util::stream;

/// Bytes that are read at a time. A blob up to this size is read before the answer begins.
const PIECE_BYTES: usize = 256 * 1024;

/// A blob that is read piece by piece, each when the client has taken the one before: a slow client costs one piece of
/// memory, and no thread.
pub(crate) fn stream(blob: Arc<dyn Blob>) -> Body {
    if blob.size_bytes() <= PIECE_BYTES as u64
        && let Ok(bytes) = whole(&*blob)
    {
        return Body::from(bytes);
    }
    Body::from_stream(stream::unfold((blob, 0), |(blob, offset)| async move {
        if offset >= blob.size_bytes() {
            return None;
        }
        let reading = tokio::task::spawn_blocking(move || (piece(&*blob, offset), blob)).await;
        match reading {
            Ok((Ok(bytes), blob)) => {
                let next = offset + bytes.len() as u64;
                Some((Ok(bytes), (blob, next)))
            }
            Ok((Err(error), blob)) => {
                let end = blob.size_bytes();
                Some((Err(error), (blob, end)))
            }
            Err(_) => None,
        }
    }))
}

/// All bytes of a small blob.
pub(crate) fn whole(blob: &dyn Blob) -> io::Result<Bytes> {
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < blob.size_bytes() {
        bytes.extend(piece(blob, bytes.len() as u64)?);
    }
    Ok(bytes.into())
}

/// The next bytes from `offset` on; at least one.
fn piece(blob: &dyn Blob, offset: u64) -> io::Result<Bytes> {
    let left = usize::try_from(blob.size_bytes() - offset).unwrap_or(usize::MAX);
    let mut bytes = vec![0; left.min(PIECE_BYTES)];
    match blob.read_at(offset, &mut bytes)? {
        0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file of a blob became shorter")),
        read => {
            bytes.truncate(read);
            Ok(bytes.into())
        }
    }
}
