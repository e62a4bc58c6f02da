//! A blob as a stream.

use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::Arc,
};

use crate::blob::Blob;

/// Reads a blob from any place.
pub struct BlobReader {
    blob: Arc<dyn Blob>,
    offset: u64,
}

impl BlobReader {
    /// Begins at the blob's start.
    pub fn new(blob: Arc<dyn Blob>) -> Self {
        Self { blob, offset: 0 }
    }
}

impl Read for BlobReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.blob.read_at(self.offset, into)?;
        self.offset += bytes as u64;
        Ok(bytes)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(distance) => self.blob.size_bytes().checked_add_signed(distance),
            SeekFrom::Current(distance) => self.offset.checked_add_signed(distance),
        };
        self.offset =
            target.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "seek before the start"))?;
        Ok(self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bytes(&'static [u8]);

    impl Blob for Bytes {
        fn size_bytes(&self) -> u64 {
            self.0.len() as u64
        }
        fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
            let mut rest = self.0.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
            rest.read(into)
        }
    }

    #[test]
    fn reads_from_wherever_it_was_sent() {
        let mut reader = BlobReader::new(Arc::new(Bytes(b"0123456789")));
        let mut read = |to| {
            let offset = reader.seek(to).unwrap();
            let mut rest = String::new();
            reader.read_to_string(&mut rest).unwrap();
            (offset, rest)
        };
        assert_eq!(read(SeekFrom::Start(8)), (8, "89".into()));
        assert_eq!(read(SeekFrom::End(-1)), (9, "9".into()));
        assert_eq!(read(SeekFrom::Current(-3)), (7, "789".into()));
        assert_eq!(read(SeekFrom::Start(99)), (99, String::new()));
        assert!(reader.seek(SeekFrom::End(-11)).is_err());
    }
}
