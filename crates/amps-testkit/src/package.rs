//! A whole package: header, manifest, icon, code, more files, footers.

use crate::{Archive, Gzip, TarEntry, digest};

/// The smallest PNG: one grey pixel.
const ICON: &[u8] = &[
    0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 10, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0x68,
    0, 0, 0, 0x82, 0, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60,
    0x82,
];

/// A package in the making. It is valid as long as nothing is made wrong.
///
/// The digest is right whatever the entries are, unless [`PackageBuilder::digest`] says otherwise; but it does not cover signed
/// metadata, so a package with `extraSigned` in its header needs its digest set.
#[derive(Clone, Debug)]
pub struct PackageBuilder {
    id: String,
    name: String,
    version: String,
    native: Option<Vec<u8>>,
    icon: Vec<u8>,
    manifest: Option<String>,
    header: Option<String>,
    header_lines: String,
    entries: Vec<TarEntry>,
    digest: Option<String>,
    footer: Option<String>,
    footers: Vec<String>,
    gzip: Gzip,
}

impl PackageBuilder {
    /// The package `org.example.hello`, version `1.0`: `info.yaml`, `icon.png` and `main.qml`, for every architecture.
    pub fn hello() -> Self {
        Self {
            id: "org.example.hello".into(),
            name: "Hello".into(),
            version: "1.0".into(),
            native: None,
            icon: ICON.into(),
            manifest: None,
            header: None,
            header_lines: String::new(),
            entries: Vec::new(),
            digest: None,
            footer: None,
            footers: Vec::new(),
            gzip: Gzip::new(),
        }
    }

    /// Sets the id of the package and its application.
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        Self { id: id.into(), ..self }
    }

    /// Sets the English name.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Sets the version.
    #[must_use]
    pub fn version(self, version: &str) -> Self {
        Self { version: version.into(), ..self }
    }

    /// Makes it a native package: instead of `main.qml` it has an executable `bin/app` with these bytes.
    #[must_use]
    pub fn native(self, binary: impl AsRef<[u8]>) -> Self {
        Self { native: Some(binary.as_ref().to_vec()), ..self }
    }

    /// Sets the bytes of the icon.
    #[must_use]
    pub fn icon(self, bytes: impl AsRef<[u8]>) -> Self {
        Self { icon: bytes.as_ref().to_vec(), ..self }
    }

    /// Replaces the text of `info.yaml`.
    #[must_use]
    pub fn manifest(self, text: &str) -> Self {
        Self { manifest: Some(text.into()), ..self }
    }

    /// Replaces the text of the header.
    #[must_use]
    pub fn header(self, text: &str) -> Self {
        Self { header: Some(text.into()), ..self }
    }

    /// Adds a line to the header, like `extra: { tags: [a] }`.
    #[must_use]
    pub fn header_line(mut self, line: &str) -> Self {
        self.header_lines.push_str(line);
        self.header_lines.push('\n');
        self
    }

    /// Adds an entry behind the files that every package has.
    #[must_use]
    pub fn entry(mut self, entry: TarEntry) -> Self {
        self.entries.push(entry);
        self
    }

    /// Adds a file.
    #[must_use]
    pub fn file(self, name: &str, data: impl AsRef<[u8]>) -> Self {
        self.entry(TarEntry::file(name, data))
    }

    /// Adds a directory.
    #[must_use]
    pub fn directory(self, name: &str) -> Self {
        self.entry(TarEntry::directory(name))
    }

    /// Lets the footer state another digest.
    #[must_use]
    pub fn digest(self, digest: &str) -> Self {
        Self { digest: Some(digest.into()), ..self }
    }

    /// Replaces the text of the first footer, the one with the digest.
    #[must_use]
    pub fn footer(self, text: &str) -> Self {
        Self { footer: Some(text.into()), ..self }
    }

    /// Adds a footer entry with one field, like `developerSignature` and its base64 text.
    #[must_use]
    pub fn footer_field(mut self, name: &str, value: &str) -> Self {
        self.footers.push(format!("%YAML 1.1\n---\n{name}: '{value}'\n"));
        self
    }

    /// Sets how it is compressed.
    #[must_use]
    pub fn gzip(self, gzip: Gzip) -> Self {
        Self { gzip, ..self }
    }

    /// The entries that come to stand between header and footer.
    pub fn files(&self) -> Vec<TarEntry> {
        let manifest = self.manifest.clone().unwrap_or_else(|| self.default_manifest());
        let mut files = vec![TarEntry::file("info.yaml", manifest), TarEntry::file("icon.png", &self.icon)];
        match &self.native {
            Some(binary) => {
                files.extend([TarEntry::directory("bin"), TarEntry::file("bin/app", binary).mode(0o755)]);
            }
            None => files.push(TarEntry::file("main.qml", "import QtQuick\nItem {}\n")),
        }
        files.extend(self.entries.iter().cloned());
        files
    }

    /// All entries, header and footers included: for whoever wants to rearrange them.
    pub fn all_entries(&self) -> Vec<TarEntry> {
        let mut entries = vec![TarEntry::file("--PACKAGE-HEADER--", self.header_text())];
        entries.extend(self.files());
        let footer = self.footer.clone().unwrap_or_else(|| {
            let digest = self.digest.clone().unwrap_or_else(|| digest(&self.files()));
            format!(
                "%YAML 1.1\n---\nformatType: 'am-package-footer'\nformatVersion: 2\n---\ndigest: '{digest}'\n"
            )
        });
        let footers = [footer].into_iter().chain(self.footers.iter().cloned());
        entries.extend(footers.map(|text| TarEntry::file("--PACKAGE-FOOTER--", text)));
        entries
    }

    /// The archive before it is compressed.
    pub fn tar(&self) -> Vec<u8> {
        Archive::of(&self.all_entries()).end()
    }

    /// The package.
    pub fn build(&self) -> Vec<u8> {
        self.gzip.pack(&self.tar())
    }

    fn header_text(&self) -> String {
        self.header.clone().unwrap_or_else(|| {
            format!(
                "%YAML 1.1\n---\nformatType: 'am-package-header'\nformatVersion: 2\n---\ndiskSpaceUsed: 577536\npackageId: '{}'\n{}",
                self.id, self.header_lines
            )
        })
    }

    fn default_manifest(&self) -> String {
        let Self { id, name, version, .. } = self;
        let (code, runtime) = if self.native.is_some() { ("bin/app", "native") } else { ("main.qml", "qml") };
        format!(
            "formatVersion: 1\nformatType: am-package\n---\nid: '{id}'\nicon: icon.png\nname: {{ en: '{name}' }}\n\
             version: '{version}'\ncategories: [ tools ]\napplications:\n- {{ id: '{id}', code: {code}, runtime: {runtime} }}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_native_package_has_an_executable() {
        let files = PackageBuilder::hello().native("x").files();
        assert!(files.iter().any(|entry| entry.name() == b"bin/app" && entry.data() == b"x"));
        assert!(!files.iter().any(|entry| entry.name() == b"main.qml"));
    }

    #[test]
    fn the_header_is_first_and_the_footers_last() {
        let package = PackageBuilder::hello().file("z", "").footer_field("storeSignature", "AQID");
        let entries = package.all_entries();
        let names: Vec<_> = entries.iter().map(TarEntry::name).collect();
        let expected: [&[u8]; 7] = [
            b"--PACKAGE-HEADER--",
            b"info.yaml",
            b"icon.png",
            b"main.qml",
            b"z",
            b"--PACKAGE-FOOTER--",
            b"--PACKAGE-FOOTER--",
        ];
        assert_eq!(names, expected);
    }
}
