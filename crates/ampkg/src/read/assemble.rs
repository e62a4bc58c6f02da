//! From the entries of an archive to a package: the order of header, files and footers, and what each of them gives.

use std::io::Read;

use super::{
    Visitor,
    icon::IconFinder,
    landmark::GzipLandmark,
    names::Names,
    tar::{RawEntry, Walk},
};
use crate::{
    digest::{Digest, Digester},
    entry::{Entry, EntryKind, EntryPath},
    error::{Error, LimitKind},
    layout::{FOOTER, HEADER, MANIFEST},
    limits::Limits,
    manifest::Manifest,
    metadata::{Footer, FooterLayout, FooterText, Header},
    package::Package,
};

/// What has come by so far.
pub(super) struct Assembly<'l> {
    limits: &'l Limits,
    header: Option<Header>,
    digester: Digester,
    names: Names,
    manifest: Option<Manifest>,
    icon: IconFinder,
    entries: Vec<Entry>,
    footer: Option<FooterText>,
    footer_bytes: u64,
    footer_layout: FooterLayout,
}

impl<'l> Assembly<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            header: None,
            digester: Digester::new(None),
            names: Names::default(),
            manifest: None,
            icon: IconFinder::new(limits.icon_bytes),
            entries: Vec::new(),
            footer: None,
            footer_bytes: 0,
            footer_layout: FooterLayout::default(),
        }
    }

    /// Takes an entry and its data off the walk.
    pub(super) fn entry<R: Read>(
        &mut self,
        raw: RawEntry,
        walk: &mut Walk<'_, R>,
        visitor: &mut dyn Visitor,
    ) -> Result<(), Error> {
        let wrong_place = |expected| Error::Order { path: raw.name.clone(), expected };
        let is_file = raw.kind == EntryKind::File;
        if self.header.is_none() {
            if raw.name != HEADER || !is_file {
                return Err(wrong_place("--PACKAGE-HEADER-- as the first entry"));
            }
            return self.header(&raw, walk, visitor);
        }
        if raw.name == HEADER {
            return Err(wrong_place("--PACKAGE-HEADER-- once"));
        }
        if raw.name.starts_with(FOOTER) && is_file {
            return self.footer(&raw, walk);
        }
        if self.footer.is_some() {
            return Err(wrong_place("nothing but footers after the first footer"));
        }
        self.payload(raw, walk, visitor)
    }

    /// The package, if everything it needs came by.
    pub(super) fn finish(
        self,
        size_bytes: u64,
        unpacked_bytes: u64,
        sha256: Digest,
        landmarks: Vec<GzipLandmark>,
    ) -> Result<Package, Error> {
        let header = self.header.ok_or(Error::Missing { what: "header" })?;
        let footer = self.footer.ok_or(Error::Missing { what: "footer" })?;
        let footer = Footer::parse(&footer, header.version, self.limits.yaml).map_err(Error::Footer)?;
        let manifest = self.manifest.ok_or(Error::MissingManifest)?;
        let (icon, warnings) = self.icon.finish(&self.entries);
        Ok(Package {
            header,
            manifest,
            footer,
            footer_layout: self.footer_layout,
            landmarks,
            icon,
            digests: self.digester.finish(),
            entries: self.entries,
            sha256,
            size_bytes,
            unpacked_bytes,
            warnings,
        })
    }

    fn header<R: Read>(
        &mut self,
        raw: &RawEntry,
        walk: &mut Walk<'_, R>,
        visitor: &mut dyn Visitor,
    ) -> Result<(), Error> {
        let limit = self.limits.header_bytes;
        if raw.size_bytes > limit {
            return Err(Error::Limit { kind: LimitKind::HeaderBytes, limit });
        }
        let text = whole(walk)?;
        let header = Header::parse(&text, self.limits.yaml).map_err(Error::Header)?;
        visitor.header(&header);
        self.digester = Digester::new(header.extra_signed.as_ref());
        self.header = Some(header);
        Ok(())
    }

    fn footer<R: Read>(&mut self, raw: &RawEntry, walk: &mut Walk<'_, R>) -> Result<(), Error> {
        let limit = self.limits.footer_bytes;
        if raw.size_bytes > limit - self.footer_bytes {
            return Err(Error::Limit { kind: LimitKind::FooterBytes, limit });
        }
        walk.mark(raw.start_bytes);
        let text = whole(walk)?;
        walk.mark(walk.offset_bytes());
        self.footer_bytes += raw.size_bytes;
        self.footer_layout.push(raw.start_bytes, walk.offset_bytes(), &text, self.limits.yaml);
        self.footer.get_or_insert_default().push(&text);
        Ok(())
    }

    fn payload<R: Read>(
        &mut self,
        raw: RawEntry,
        walk: &mut Walk<'_, R>,
        visitor: &mut dyn Visitor,
    ) -> Result<(), Error> {
        let path = EntryPath::new(&raw.name).map_err(|defect| Error::Path { path: raw.name, defect })?;
        self.names.add(&path, raw.kind, self.limits)?;
        let entry = Entry { path, kind: raw.kind, size_bytes: raw.size_bytes, executable: raw.executable };
        visitor.entry(&entry);
        match entry.kind {
            EntryKind::Directory => self.digester.directory(&entry.path),
            EntryKind::File => self.file(&entry, walk, visitor)?,
        }
        self.entries.push(entry);
        Ok(())
    }

    fn file<R: Read>(
        &mut self,
        entry: &Entry,
        walk: &mut Walk<'_, R>,
        visitor: &mut dyn Visitor,
    ) -> Result<(), Error> {
        let is_manifest = entry.path.canonical() == MANIFEST;
        let limit = self.limits.manifest_bytes;
        if is_manifest && entry.size_bytes > limit {
            return Err(Error::Limit { kind: LimitKind::ManifestBytes, limit });
        }
        let may_be_icon = self.icon.wants(entry)?;
        let mut kept = (is_manifest || may_be_icon).then(Vec::new);
        walk.data(|bytes| {
            self.digester.update(bytes);
            visitor.data(bytes);
            if let Some(kept) = &mut kept {
                kept.extend(bytes);
            }
        })?;
        self.digester.end_file(entry.size_bytes, &entry.path);
        visitor.end_file();
        if let Some(kept) = kept {
            if is_manifest {
                let manifest = Manifest::parse(&kept, self.limits.yaml).map_err(Error::Manifest)?;
                visitor.manifest(&manifest);
                self.icon.named(manifest.icon_path());
                self.manifest = Some(manifest);
            }
            if may_be_icon {
                self.icon.keep(entry.path.clone(), kept);
            }
        }
        Ok(())
    }
}

/// The whole data of an entry whose size was found small enough.
fn whole<R: Read>(walk: &mut Walk<'_, R>) -> Result<Vec<u8>, Error> {
    let mut data = Vec::new();
    walk.data(|bytes| data.extend(bytes))?;
    Ok(data)
}
