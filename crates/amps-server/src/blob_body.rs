//! Blobs as the bodies of answers.

use std::{io, sync::Arc};

use amps_core::{Blob, SignedPackage};
use axum::body::{Body, Bytes};
use futures_util::stream;

/// Bytes that are read at a time. A package up to this size is read before the answer begins.
const PIECE_BYTES: u64 = 256 * 1024;

/// A package that is read piece by piece, each when the client has taken the one before: a slow client costs one piece of
/// memory, and no thread.
pub(crate) fn package(package: SignedPackage) -> Body {
    let SignedPackage { blob, keep_bytes, end, .. } = package;
    let end = Bytes::from_owner(end);
    if keep_bytes <= PIECE_BYTES
        && let Ok(mut bytes) = read(&*blob, keep_bytes)
    {
        bytes.extend_from_slice(&end);
        return Body::from(bytes);
    }
    Body::from_stream(stream::unfold(Next::Stored { blob, offset: 0, keep_bytes, end }, Next::piece))
}

/// All bytes of a small blob.
pub(crate) fn whole(blob: &dyn Blob) -> io::Result<Bytes> {
    read(blob, blob.size_bytes()).map(Bytes::from)
}

/// What is still to be sent.
enum Next {
    Stored { blob: Arc<dyn Blob>, offset: u64, keep_bytes: u64, end: Bytes },
    Nothing,
}

impl Next {
    async fn piece(self) -> Option<(io::Result<Bytes>, Self)> {
        match self {
            Self::Stored { blob, offset, keep_bytes, end } if offset < keep_bytes => {
                let reading = tokio::task::spawn_blocking(move || (piece(&*blob, offset, keep_bytes), blob));
                match reading.await {
                    Ok((Ok(bytes), blob)) => {
                        let offset = offset + bytes.len() as u64;
                        Some((Ok(bytes), Self::Stored { blob, offset, keep_bytes, end }))
                    }
                    // Whoever reads sees that the answer is shorter than it was said to be.
                    Ok((Err(error), _)) => Some((Err(error), Self::Nothing)),
                    Err(error) => Some((Err(io::Error::other(error)), Self::Nothing)),
                }
            }
            Self::Stored { end, .. } if !end.is_empty() => Some((Ok(end), Self::Nothing)),
            _ => None,
        }
    }
}

/// The first `length` bytes of a blob.
fn read(blob: &dyn Blob, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < length {
        bytes.extend(piece(blob, bytes.len() as u64, length)?);
    }
    Ok(bytes)
}

/// The next bytes from `offset` on, up to `end`; at least one.
fn piece(blob: &dyn Blob, offset: u64, end: u64) -> io::Result<Bytes> {
    let length = (end - offset).min(PIECE_BYTES);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    match blob.read_at(offset, &mut bytes)? {
        0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file of a blob became shorter")),
        read => {
            bytes.truncate(read);
            Ok(bytes.into())
        }
    }
}
