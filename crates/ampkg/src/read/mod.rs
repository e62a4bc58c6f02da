//! Reading a package in one pass: bytes -> gzip members -> tar entries -> [`UnverifiedPackage`].

mod assemble;
mod gzip;
mod gzip_header;
mod icon;
mod inflate;
mod landmark;
mod names;
mod pax;
mod source;
mod tar;
mod tar_header;
mod window;

use std::io;

use crate::{
    entry::Entry, error::Error, limits::Limits, manifest::Manifest, metadata::Header,
    package::UnverifiedPackage,
};
use assemble::Assembly;
use gzip::Gunzip;
pub use landmark::GzipLandmark;
use source::Source;
use tar::Walk;

/// Sees the entries of a package while they go by; the way in for whoever wants to know something of the content that this
/// crate does not, or wants to know how far it is.
pub trait Visitor {
    /// The header was read. It comes before everything else.
    fn header(&mut self, header: &Header) {
        let _ = header;
    }

    /// An entry begins. For a directory that is all.
    fn entry(&mut self, entry: &Entry);

    /// The next bytes of the file that began last.
    fn data(&mut self, bytes: &[u8]);

    /// That file is complete.
    fn end_file(&mut self);

    /// That file was the manifest, and could be read. It may still be one of another package than the header.
    fn manifest(&mut self, manifest: &Manifest) {
        let _ = manifest;
    }

    /// The source has ended, and compression and archive were whole. What is missing among the entries comes after that.
    fn end(&mut self) {}
}

/// Sees nothing.
impl Visitor for () {
    fn entry(&mut self, _: &Entry) {}
    fn data(&mut self, _: &[u8]) {}
    fn end_file(&mut self) {}
}

/// Reads a package to its last byte.
///
/// Nothing is kept but what [`crate::Package`] holds, nothing is written anywhere, and no more is read than `limits` allow.
/// The bytes may come from anywhere; if the source fails, that is an [`Error::Read`].
///
/// What this checks is the form (docs/format.md): compression, archive, names, order, header, manifest and footer. What the
/// package says of itself is compared by [`UnverifiedPackage::verify`].
pub fn read(
    source: impl io::Read,
    limits: &Limits,
    visitor: &mut dyn Visitor,
) -> Result<UnverifiedPackage, Error> {
    let mut walk = Walk::new(Gunzip::new(Source::new(source, limits.package_bytes), limits)?, limits);
    let mut assembly = Assembly::new(limits);
    while let Some(raw) = walk.next_entry()? {
        assembly.entry(raw, &mut walk, visitor)?;
    }
    let gunzip = walk.finish()?;
    visitor.end();
    let unpacked_bytes = gunzip.unpacked_bytes();
    let (source, landmarks) = gunzip.into_source();
    let (size_bytes, sha256) = source.finish();
    assembly.finish(size_bytes, unpacked_bytes, sha256, landmarks).map(UnverifiedPackage)
}
