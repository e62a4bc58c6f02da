//! The folder that a package is made of.

use std::{
    collections::{BTreeMap, btree_map},
    fs::{self, File, Metadata},
    io::{self, Read as _, Write},
    path::{Path, PathBuf},
};

use unicode_normalization::UnicodeNormalization as _;

use super::{PackageWriter, TreeError, disk_space_used, ustar};
use crate::{
    digest::{Digest, DigestForm},
    entry::{EntryKind, EntryPath, PathDefect},
    layout::{DEVICE_ICON_BYTES, MANIFEST},
    limits::Limits,
    manifest::Manifest,
    metadata::{FormatVersion, Header},
    yaml::Map,
};

/// Folders in each other; ustar names end long before.
const MAX_DEPTH: usize = 128;

/// A folder that was looked at and can become a package: its files in the order in which they are packed.
#[derive(Debug)]
pub struct Tree {
    /// The manifest.
    pub manifest: Manifest,
    /// What is packed: `info.yaml`, the icon, then the rest by name.
    pub entries: Vec<TreeEntry>,
    /// What is not, by path.
    pub skipped: Vec<Skipped>,
}

/// A file or directory that is packed.
#[derive(Clone, Debug)]
pub struct TreeEntry {
    /// Its name in the package, in NFC however the file system has it.
    pub path: EntryPath,
    /// Where it lies.
    pub source: PathBuf,
    /// File or directory.
    pub kind: EntryKind,
    /// Bytes of a file; 0 for a directory.
    pub size_bytes: u64,
    /// Whether the owner may run it.
    pub executable: bool,
}

/// Something that lies in the folder and is not packed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is.
    pub kind: &'static str,
}

impl Tree {
    /// Looks at a folder and refuses it if devices would refuse the package: no manifest, an icon or code that is not there,
    /// a name that a package must not have. `leave_out` is not packed: the package that is being written, usually.
    pub fn scan(folder: &Path, leave_out: Option<&Path>) -> Result<Self, TreeError> {
        let manifest = manifest(folder)?;
        let mut scan = Scan {
            leave_out: leave_out.and_then(|path| within(folder, path)),
            found: BTreeMap::new(),
            skipped: Vec::new(),
        };
        scan.folder(folder, "", 0)?;
        let Scan { found, mut skipped, .. } = scan;
        skipped.sort();
        check_files(&manifest, &found)?;
        let entries = in_order(found, &EntryPath::canonical_of(manifest.icon_path()));
        Ok(Self { manifest, entries, skipped })
    }

    /// The header that the package will have. Empty metadata is no metadata.
    pub fn header(&self, extra: Map, extra_signed: Map) -> Header {
        Header {
            version: FormatVersion::V2,
            package_id: self.manifest.id.clone(),
            disk_space_used_bytes: disk_space_used(
                self.entries.iter().map(|entry| (entry.kind, entry.size_bytes)),
            ),
            extra,
            extra_signed: (!extra_signed.is_empty()).then_some(extra_signed),
        }
    }

    /// Writes the package into `sink`, uncompressed, and gives back the sink and the package's digest.
    pub fn write<W: Write>(
        &self,
        sink: W,
        header: &Header,
        form: DigestForm,
    ) -> Result<(W, Digest), TreeError> {
        let mut writer = PackageWriter::new(sink, header, form)?;
        for entry in &self.entries {
            match entry.kind {
                EntryKind::Directory => writer.directory(&entry.path)?,
                EntryKind::File => {
                    let file =
                        File::open(&entry.source).map_err(|source| unreadable(&entry.source, source))?;
                    writer.file(&entry.path, entry.executable, entry.size_bytes, file)?;
                }
            }
        }
        let footers = writer.finish_files()?;
        let digest = footers.digest();
        Ok((footers.finish()?, digest))
    }
}

/// `path` as the walk through `folder` comes to it; none if it is not there, or outside.
fn within(folder: &Path, path: &Path) -> Option<PathBuf> {
    let (root, path) = (folder.canonicalize().ok()?, path.canonicalize().ok()?);
    path.strip_prefix(root).ok().map(|rest| folder.join(rest))
}

struct Scan {
    leave_out: Option<PathBuf>,
    /// By name: a parent sorts before its children.
    found: BTreeMap<String, TreeEntry>,
    skipped: Vec<Skipped>,
}

impl Scan {
    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), TreeError> {
        if depth > MAX_DEPTH {
            return Err(TreeError::TooDeep { path: prefix.into(), limit: MAX_DEPTH });
        }
        let items = fs::read_dir(folder).map_err(|source| unreadable(folder, source))?;
        for item in items {
            let path = item.map_err(|source| unreadable(folder, source))?.path();
            if self.leave_out.as_ref() == Some(&path) {
                continue;
            }
            let metadata = path.symlink_metadata().map_err(|source| unreadable(&path, source))?;
            let kind = if metadata.is_dir() {
                EntryKind::Directory
            } else if metadata.is_file() {
                EntryKind::File
            } else {
                let kind = if metadata.is_symlink() { "symbolic link" } else { "special file" };
                self.skipped.push(Skipped { path, kind });
                continue;
            };
            let name = self.add(&path, prefix, kind, &metadata)?;
            if kind == EntryKind::Directory {
                self.folder(&path, &format!("{name}/"), depth + 1)?;
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        source: &Path,
        prefix: &str,
        kind: EntryKind,
        metadata: &Metadata,
    ) -> Result<String, TreeError> {
        let refuse = |defect| TreeError::Path { path: source.to_string_lossy().into_owned(), defect };
        let name = source.file_name().and_then(|name| name.to_str()).ok_or(refuse(PathDefect::NotUtf8))?;
        let name = format!("{prefix}{}", name.nfc());
        let path = EntryPath::new(&name).map_err(refuse)?;
        ustar::check(&path, kind)?;
        let entry = TreeEntry {
            path,
            source: source.into(),
            kind,
            size_bytes: if kind == EntryKind::File { metadata.len() } else { 0 },
            executable: is_executable(metadata),
        };
        match self.found.entry(name.clone()) {
            // Two names that differ only in their normalisation.
            btree_map::Entry::Occupied(_) => Err(refuse(PathDefect::Duplicate)),
            btree_map::Entry::Vacant(place) => {
                place.insert(entry);
                Ok(name)
            }
        }
    }
}

/// `info.yaml`, the icon with the folders above it, the rest by name.
fn in_order(mut found: BTreeMap<String, TreeEntry>, icon: &str) -> Vec<TreeEntry> {
    let parents = icon.match_indices('/').filter_map(|(at, _)| icon.get(..at));
    let first: Vec<&str> = [MANIFEST].into_iter().chain(parents).chain([icon]).collect();
    let mut entries: Vec<TreeEntry> = first.into_iter().filter_map(|name| found.remove(name)).collect();
    entries.extend(found.into_values());
    entries
}

fn manifest(folder: &Path) -> Result<Manifest, TreeError> {
    let limits = Limits::default();
    let path = folder.join(MANIFEST);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound && folder.is_dir() => {
            return Err(TreeError::NoManifest { folder: folder.into() });
        }
        Err(source) => return Err(unreadable(&path, source)),
    };
    let size_bytes = file.metadata().map_err(|source| unreadable(&path, source))?.len();
    let mut text = Vec::new();
    // More than the size that it had, if it grows.
    file.take(limits.manifest_bytes + 1)
        .read_to_end(&mut text)
        .map_err(|source| unreadable(&path, source))?;
    let found = size_bytes.max(text.len() as u64);
    if found > limits.manifest_bytes {
        return Err(TreeError::LargeManifest { found, limit: limits.manifest_bytes });
    }

    Ok(Manifest::parse(&text, limits.yaml)?)
}

/// Every file that a device needs to start or show the package is there.
fn check_files(manifest: &Manifest, found: &BTreeMap<String, TreeEntry>) -> Result<(), TreeError> {
    let find = |what, path: &str| match found.get(&EntryPath::canonical_of(path)) {
        Some(entry) if entry.kind == EntryKind::File => Ok(entry),
        _ => Err(TreeError::MissingFile { what, path: path.into() }),
    };
    find("manifest", MANIFEST)?;
    let icon = find("icon", manifest.icon_path())?;
    if icon.size_bytes > DEVICE_ICON_BYTES {
        let path = manifest.icon_path().into();
        return Err(TreeError::LargeIcon { path, found: icon.size_bytes, limit: DEVICE_ICON_BYTES });
    }
    for code in manifest.applications.iter().filter_map(|application| application.code_file()) {
        find("code", code)?;
    }
    for icon in manifest.intents.iter().filter_map(|intent| intent.icon.as_deref()) {
        find("intent icon", icon)?;
    }
    Ok(())
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.is_file() && metadata.permissions().mode() & 0o100 != 0
}

/// Elsewhere no file says so.
#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

fn unreadable(path: &Path, source: io::Error) -> TreeError {
    TreeError::Read { path: path.into(), source }
}
