//! gzip members one after the other, then zeros (docs/format.md, "Archive").

use std::io::{ErrorKind, Read};

use flate2::bufread::DeflateDecoder;

use super::{gzip_header, source::Source, window::Window};
use crate::{
    error::{Error, LimitKind},
    limits::Limits,
};

/// Unpacked bytes that are held at a time.
const BUFFER_BYTES: usize = 128 * 1024;
/// Bytes of a file that tell what it is.
const HEAD_BYTES: usize = 512;

/// Inflates all members of a gzip file. It checks each member's CRC-32 and length, and the bytes behind the last one: libarchive
/// would ignore them, and a signature would not cover them.
pub(super) struct Gunzip<R> {
    inflate: DeflateDecoder<Source<R>>,
    at_end: bool,
    window: Window,
    unpacked_bytes: u64,
    unpacked_limit: u64,
    members: u64,
    member_limit: u64,
    /// CRC-32 and length, modulo 2^32, of what came out of the current member (RFC 1952, section 2.3.1).
    member_crc: crc32fast::Hasher,
    member_bytes: u32,
}

impl<R: Read> Gunzip<R> {
    /// Begins with the first member.
    pub(super) fn new(mut source: Source<R>, limits: &Limits) -> Result<Self, Error> {
        match source.at_least(HEAD_BYTES)? {
            [] => return Err(Error::EmptyFile),
            [0x1f] | [0x1f, 0x8b, ..] => {}
            head => return Err(Error::NotGzip { found: describe(head) }),
        }
        let mut gunzip = Self {
            inflate: DeflateDecoder::new(source),
            at_end: false,
            window: Window::new(BUFFER_BYTES),
            unpacked_bytes: 0,
            unpacked_limit: limits.unpacked_bytes,
            members: 0,
            member_limit: limits.gzip_members,
            member_crc: crc32fast::Hasher::new(),
            member_bytes: 0,
        };
        gunzip.begin_member()?;
        Ok(gunzip)
    }

    /// How many bytes were unpacked so far.
    pub(super) fn unpacked_bytes(&self) -> u64 {
        self.unpacked_bytes
    }

    /// Offset in the unpacked data of the next byte to be consumed.
    pub(super) fn offset(&self) -> u64 {
        self.unpacked_bytes - self.window.len() as u64
    }

    /// How many more bytes may be unpacked than were consumed.
    pub(super) fn allowance(&self) -> u64 {
        self.unpacked_limit - self.offset()
    }

    /// The source, when there are no more chunks.
    pub(super) fn into_source(self) -> Source<R> {
        self.inflate.into_inner()
    }

    /// The next unpacked bytes; none at the end of the last member.
    pub(super) fn chunk(&mut self) -> Result<&[u8], Error> {
        while self.window.is_empty() && !self.at_end {
            let allowed = self.unpacked_limit - self.unpacked_bytes;
            // One byte more than allowed, so that a package of exactly the limit is told from a larger one.
            let most = usize::try_from(allowed).unwrap_or(usize::MAX).saturating_add(1);
            match self.window.fill(most, |room| self.inflate.read(room)) {
                Ok(0) => self.end_member()?,
                Ok(bytes) if bytes as u64 > allowed => {
                    return Err(Error::Limit { kind: LimitKind::UnpackedBytes, limit: self.unpacked_limit });
                }
                Ok(bytes) => {
                    self.unpacked_bytes += bytes as u64;
                    self.member_crc.update(self.window.bytes());
                    // A window is smaller than 2^32 bytes.
                    self.member_bytes =
                        self.member_bytes.wrapping_add(u32::try_from(bytes).unwrap_or_default());
                }
                Err(error) => return Err(self.failure(&error)),
            }
        }
        Ok(self.window.bytes())
    }

    /// Marks bytes of the last chunk as used.
    pub(super) fn consume(&mut self, amount: usize) {
        self.window.consume(amount);
    }

    fn begin_member(&mut self) -> Result<(), Error> {
        self.members += 1;
        if self.members > self.member_limit {
            return Err(Error::Limit { kind: LimitKind::GzipMembers, limit: self.member_limit });
        }
        gzip_header::skip(self.inflate.get_mut(), self.unpacked_bytes)?;
        self.inflate.reset_data();
        self.member_crc = crc32fast::Hasher::new();
        self.member_bytes = 0;
        Ok(())
    }

    /// Checks the end of a member. What follows is another one, the end, or zeros to the end.
    fn end_member(&mut self) -> Result<(), Error> {
        let crc = self.trailer()?;
        let length = self.trailer()?;
        if crc != self.member_crc.clone().finalize() || length != self.member_bytes {
            return Err(self.damaged("checksum or length of a member is wrong"));
        }
        let source = self.inflate.get_mut();
        if source.chunk()?.first() == Some(&0x1f) {
            return self.begin_member();
        }
        self.at_end = true;
        zeros_to_the_end(source)
    }

    /// A number behind the data of a member.
    fn trailer(&mut self) -> Result<u32, Error> {
        let source = self.inflate.get_mut();
        let mut bytes = [0; 4];
        for byte in &mut bytes {
            let next = source.byte()?;
            *byte = next.ok_or_else(|| Error::TruncatedGzip { package_bytes: source.read_bytes() })?;
        }
        Ok(u32::from_le_bytes(bytes))
    }

    /// What a decoder's error means: it says only that its source failed, not why.
    fn failure(&mut self, error: &std::io::Error) -> Error {
        let source = self.inflate.get_mut();
        match (source.take_failure(), error.kind()) {
            (Some(failure), _) => failure,
            (None, ErrorKind::UnexpectedEof) => Error::TruncatedGzip { package_bytes: source.read_bytes() },
            (None, _) => self.damaged(&error.to_string()),
        }
    }

    fn damaged(&self, reason: &str) -> Error {
        Error::Gzip { unpacked_bytes: self.unpacked_bytes, reason: reason.into() }
    }
}

fn zeros_to_the_end<R: Read>(source: &mut Source<R>) -> Result<(), Error> {
    loop {
        let chunk = source.chunk()?;
        let length = chunk.len();
        if length == 0 {
            return Ok(());
        }
        if let Some(at) = chunk.iter().position(|&byte| byte != 0) {
            return Err(Error::TrailingData { offset: source.offset() + at as u64 });
        }
        std::io::BufRead::consume(source, length);
    }
}

/// The first bytes of something that is not gzip, and its name if it has a known one.
fn describe(head: &[u8]) -> String {
    let known: &[(&[u8], &str)] = &[
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"PK\x03\x04", "zip"),
        (b"\x04\x22\x4d\x18", "lz4"),
    ];
    let bytes: Vec<String> = head.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let is_tar = head.get(257..262) == Some(b"ustar");
    let name = known.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name);
    match name.or(is_tar.then_some("uncompressed tar")) {
        Some(name) => format!("{} ({name})", bytes.join(" ")),
        None => bytes.join(" "),
    }
}
