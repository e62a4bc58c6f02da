//! A file with its new end: two parts, of which one lies on disk.

use std::{
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
};

/// The first bytes of a file, and a new end. Both are there, so the length is known before the first byte is sent, and any range
/// can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spliced {
    keep_bytes: u64,
    end: Vec<u8>,
}

/// What of a range comes from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// These bytes of the file, which may be none.
    pub file: Range<u64>,
    /// Then these bytes.
    pub end: &'a [u8],
}

impl Spliced {
    pub(crate) fn new(keep_bytes: u64, end: Vec<u8>) -> Self {
        Self { keep_bytes, end }
    }

    /// How many bytes of the file come first.
    pub fn keep_bytes(&self) -> u64 {
        self.keep_bytes
    }

    /// What comes behind them.
    pub fn end(&self) -> &[u8] {
        &self.end
    }

    /// What comes behind the bytes of the file, without a copy.
    pub fn into_end(self) -> Vec<u8> {
        self.end
    }

    /// The length of the whole.
    pub fn total_bytes(&self) -> u64 {
        self.keep_bytes.saturating_add(self.end.len() as u64)
    }

    /// Where the bytes of a range come from. What of it lies behind the whole is left out.
    pub fn parts(&self, range: Range<u64>) -> Parts<'_> {
        let Range { start, end } = range;
        let in_end = |offset: u64| {
            usize::try_from(offset.saturating_sub(self.keep_bytes))
                .map_or(self.end.len(), |at| at.min(self.end.len()))
        };
        let file_end = end.min(self.keep_bytes);
        Parts {
            file: start.min(file_end)..file_end,
            end: self.end.get(in_end(start)..in_end(end)).unwrap_or_default(),
        }
    }

    /// A reader of a range. The file is read from where the range begins, whatever its position is.
    pub fn reader<R: Read + Seek>(&self, mut file: R, range: Range<u64>) -> io::Result<SplicedReader<'_, R>> {
        let parts = self.parts(range);
        file.seek(SeekFrom::Start(parts.file.start))?;
        Ok(SplicedReader { file, left: parts.file.end - parts.file.start, end: parts.end })
    }
}

/// Reads a range of a [`Spliced`]. If the file is shorter than it should be, that is an error, and no shorter answer.
#[derive(Debug)]
pub struct SplicedReader<'a, R> {
    file: R,
    left: u64,
    end: &'a [u8],
}

impl<R: Read> Read for SplicedReader<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return self.end.read(into);
        }
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        let read = self.file.read(into.get_mut(..room).unwrap_or_default())?;
        if read == 0 && room > 0 {
            let message = format!("the file ends {} bytes too early", self.left);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn ranges_are_taken_apart_where_the_file_ends() {
        let spliced = Spliced::new(10, b"end".to_vec());
        assert_eq!(spliced.total_bytes(), 13);
        for (range, file, end) in [
            (0..13, 0..10, "end"),
            (0..u64::MAX, 0..10, "end"),
            (0..10, 0..10, ""),
            (9..11, 9..10, "e"),
            (10..12, 10..10, "en"),
            (12..13, 10..10, "d"),
            (13..20, 10..10, ""),
            (20..30, 10..10, ""),
            (5..5, 5..5, ""),
            (Range { start: 12, end: 3 }, 3..3, ""),
        ] {
            assert_eq!(spliced.parts(range.clone()), Parts { file, end: end.as_bytes() }, "{range:?}");
        }
    }

    #[test]
    fn a_file_that_is_too_short_is_an_error() {
        let spliced = Spliced::new(10, b"end".to_vec());
        let mut read = Vec::new();
        let mut reader = spliced.reader(Cursor::new(b"12345678"), 1..12).unwrap();
        let error = reader.read_to_end(&mut read).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(
            (error.to_string().as_str(), read.as_slice()),
            ("the file ends 2 bytes too early", &b"2345678"[..])
        );
    }
}
