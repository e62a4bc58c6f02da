//! Writing the entries of a package in their order; the types see to it that the order is kept.

use std::io::{self, Read, Write};

use tar::EntryType;

use super::ustar;
use crate::{
    digest::{Digest, DigestForm, Digester, encode},
    entry::{EntryKind, EntryPath},
    error::Error,
    layout::{BLOCK_BYTES, FOOTER, HEADER, STORE_SIGNATURE_FOOTER},
    metadata::{FooterField, FormatVersion, Header, MetadataError},
    yaml::{Map, YamlLimits},
};

/// Bytes that are copied at a time.
const COPY_BYTES: usize = 64 * 1024;

/// Writes a package as an uncompressed tar into `sink`, usually a [`crate::ParallelGzip`]: the header, then files and
/// directories.
///
/// The same calls give the same bytes: owners and times are zero, and of the mode only the owner's bits are set. Which names there
/// are is the caller's business; [`crate::Tree`] sees to it that devices take them.
pub struct PackageWriter<W> {
    tar: Tar<W>,
    digester: Digester,
    form: DigestForm,
    version: FormatVersion,
}

impl<W: Write> PackageWriter<W> {
    /// Begins with the header. The digest will have the order of `form`.
    ///
    /// Metadata that would not read back as it is, is an [`Error::Header`]: the digest could never be right.
    pub fn new(sink: W, header: &Header, form: DigestForm) -> Result<Self, Error> {
        let text = header.to_yaml();
        check(header, &text).map_err(Error::Header)?;
        let mut tar = Tar { sink };
        tar.text(HEADER, &text)?;
        let digester = Digester::new(header.extra_signed.as_ref());
        Ok(Self { tar, digester, form, version: header.version })
    }

    /// Adds a directory.
    pub fn directory(&mut self, path: &EntryPath) -> Result<(), Error> {
        self.digester.directory(path);
        self.tar.header(&ustar::name(path, EntryKind::Directory), EntryType::Directory, 0o500, 0)
    }

    /// Adds a file of exactly `size_bytes`; if `content` has more or less, the package is void.
    pub fn file(
        &mut self,
        path: &EntryPath,
        executable: bool,
        size_bytes: u64,
        mut content: impl Read,
    ) -> Result<(), Error> {
        let mode = if executable { 0o500 } else { 0o400 };
        self.tar.header(path.as_written(), EntryType::Regular, mode, size_bytes)?;
        let mut buffer = vec![0; COPY_BYTES];
        let mut found = 0_u64;
        loop {
            let bytes = match content.read(&mut buffer) {
                Ok(0) => break,
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::Read(error)),
            };
            found += bytes as u64;
            if found > size_bytes {
                break;
            }
            let bytes = buffer.get(..bytes).unwrap_or_default();
            self.digester.update(bytes);
            self.tar.write(bytes)?;
        }
        if found != size_bytes {
            return Err(Error::Changed { path: path.as_written().into(), expected: size_bytes, found });
        }
        self.digester.end_file(size_bytes, path);
        self.tar.pad(size_bytes)
    }

    /// Ends the files and writes the digest's footer.
    pub fn finish_files(mut self) -> Result<FooterWriter<W>, Error> {
        let digest = self.digester.finish().of(self.form);
        let text = FooterField::Digest(digest).to_yaml(self.version);
        self.tar.text(FOOTER, &text)?;
        Ok(FooterWriter { tar: self.tar, digest, version: self.version })
    }
}

/// Whether a reader makes the same values of `text`.
fn check(header: &Header, text: &str) -> Result<(), MetadataError> {
    let read = Header::parse(text.as_bytes(), YamlLimits::default())?;
    let same = |one, other| encode(one, DigestForm::Qt6) == encode(other, DigestForm::Qt6);
    if !same(&read.extra, &header.extra) {
        return Err(MetadataError::Unwritable { field: "extra" });
    }
    if !same(&read.extra_signed.unwrap_or_default(), header.extra_signed.as_ref().unwrap_or(&Map::new())) {
        return Err(MetadataError::Unwritable { field: "extraSigned" });
    }
    Ok(())
}

/// Writes the footers behind the one with the digest.
pub struct FooterWriter<W> {
    tar: Tar<W>,
    digest: Digest,
    version: FormatVersion,
}

impl<W: Write> FooterWriter<W> {
    /// The digest of the package: what a signature is made over.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Adds a footer.
    pub fn append(&mut self, field: &FooterField) -> Result<(), Error> {
        self.tar.text(FOOTER, &field.to_yaml(self.version))
    }

    /// Ends the archive.
    pub fn finish(mut self) -> Result<W, Error> {
        self.tar.write(&END_OF_ARCHIVE)?;
        Ok(self.tar.sink)
    }
}

/// Footer entries alone, uncompressed, for an archive that is not packed again: they stand at a [`crate::FooterPlace`], whose
/// fields are among them, and [`END_OF_ARCHIVE`] stands behind them.
pub fn footer_entries(fields: &[FooterField], version: FormatVersion) -> Result<Vec<u8>, Error> {
    let mut tar = Tar { sink: Vec::new() };
    for field in fields {
        let name = match field {
            FooterField::StoreSignature(_) => STORE_SIGNATURE_FOOTER,
            FooterField::Digest(_) | FooterField::DeveloperSignature(_) => FOOTER,
        };
        tar.text(name, &field.to_yaml(version))?;
    }
    Ok(tar.sink)
}

/// What stands behind the last entry of an archive (POSIX.1-1988, ustar): two blocks of zeros.
pub const END_OF_ARCHIVE: [u8; 2 * BLOCK_BYTES] = [0; 2 * BLOCK_BYTES];

struct Tar<W> {
    sink: W,
}

impl<W: Write> Tar<W> {
    fn text(&mut self, name: &str, text: &str) -> Result<(), Error> {
        let size_bytes = text.len() as u64;
        self.header(name, EntryType::Regular, 0o400, size_bytes)?;
        self.write(text.as_bytes())?;
        self.pad(size_bytes)
    }

    fn header(&mut self, name: &str, kind: EntryType, mode: u32, size_bytes: u64) -> Result<(), Error> {
        self.write(ustar::header(name, kind, mode, size_bytes)?.as_bytes())
    }

    fn pad(&mut self, size_bytes: u64) -> Result<(), Error> {
        let missing = size_bytes.wrapping_neg() % BLOCK_BYTES as u64;
        io::copy(&mut io::repeat(0).take(missing), &mut self.sink).map(|_| ()).map_err(Error::Write)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.sink.write_all(bytes).map_err(Error::Write)
    }
}
