//! Buffers that are used again.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;

/// Bytes that are read at a time. A client that does not read holds one of them.
pub(super) const PIECE_BYTES: usize = 128 * 1024;
/// Buffers that are kept for the next download: 4 MiB.
const KEPT: usize = 32;

/// Buffers for reading blobs. Getting them from the system each time would cost more than reading: it gives pages that are
/// empty.
#[derive(Default)]
pub(crate) struct Buffers(Mutex<Vec<Box<[u8]>>>);

impl Buffers {
    /// A buffer of [`PIECE_BYTES`], with anything in it.
    pub(super) fn take(self: &Arc<Self>) -> Buffer {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Buffer {
            bytes: kept.unwrap_or_else(|| vec![0; PIECE_BYTES].into()),
            filled: 0,
            home: Arc::clone(self),
        }
    }
}

/// A buffer that goes back to where it came from.
pub(super) struct Buffer {
    bytes: Box<[u8]>,
    filled: usize,
    home: Arc<Buffers>,
}

impl Buffer {
    /// Room for at most this many bytes.
    pub(super) fn room(&mut self, most: u64) -> &mut [u8] {
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(self.bytes.len());
        self.bytes.get_mut(..most).unwrap_or_default()
    }

    /// The first bytes of the room, which were filled. The buffer goes home when nobody needs them any more.
    pub(super) fn into_bytes(mut self, filled: usize) -> Bytes {
        self.filled = filled;
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut kept = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again_when_nobody_reads_it_any_more() {
        let buffers = Arc::new(Buffers::default());
        let mut buffer = buffers.take();
        buffer.room(3).copy_from_slice(b"abc");
        let bytes = buffer.into_bytes(3);
        let rest = bytes.slice(1..);
        drop(bytes);
        assert_eq!(&rest[..], b"bc");
        assert_eq!(buffers.0.lock().unwrap().len(), 0);
        drop(rest);
        assert_eq!(buffers.0.lock().unwrap().len(), 1);
        assert_eq!(buffers.take().room(u64::MAX).len(), PIECE_BYTES);
        assert_eq!(buffers.0.lock().unwrap().len(), 1);
    }
}
