//! What is in the package of a release.

use std::{io::Read as _, mem::size_of, sync::Arc};

use ampkg::{Entry, EntryKind, Visitor};

use super::Store;
use crate::{
    blob_reader::BlobReader,
    error::{Error, Refusal},
    model::Release,
};

/// The name of a package's manifest.
const MANIFEST: &str = "info.yaml";

/// What is in a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageContents {
    /// Its entries between header and footer, in the order of the archive.
    pub entries: Vec<Entry>,
    /// The manifest, as it stands in the archive.
    pub manifest: Vec<u8>,
}

impl PackageContents {
    /// About how much memory it takes.
    pub fn memory_bytes(&self) -> usize {
        let names: usize = self.entries.iter().map(|entry| entry.path.as_written().len()).sum();
        size_of::<Self>() + self.entries.len() * size_of::<Entry>() + names + self.manifest.len()
    }
}

impl Store {
    /// Reads what is in the package of a release: all of it, which takes as long as unpacking it.
    pub fn contents(&self, release: &Release) -> Result<PackageContents, Error> {
        let blob = self.open_blob(&release.facts.package.id)?;
        let mut reader = ManifestVisitor::default();
        // Not more than it was when it was taken in, whatever somebody has done to the file.
        let source = BlobReader::new(Arc::clone(&blob)).take(release.facts.package.size_bytes);
        let package = ampkg::read(source, &self.parts.limits, &mut reader).map_err(Refusal::from)?;
        let entries = package.as_unverified().entries.clone();
        Ok(PackageContents { entries, manifest: reader.manifest })
    }
}

/// Keeps the manifest.
#[derive(Default)]
struct ManifestVisitor {
    is_manifest: bool,
    manifest: Vec<u8>,
}

impl Visitor for ManifestVisitor {
    fn entry(&mut self, entry: &Entry) {
        self.is_manifest = entry.kind == EntryKind::File && entry.path.canonical() == MANIFEST;
    }

    /// As much as the limits allow: the store took no package with more.
    fn data(&mut self, bytes: &[u8]) {
        if self.is_manifest {
            self.manifest.extend_from_slice(bytes);
        }
    }

    fn end_file(&mut self) {
        self.is_manifest = false;
    }
}
