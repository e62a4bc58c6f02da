//! The folder in which a person sees the packages of a store.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use ampkg::PackageId;
use amps_arch::PackageServerToken;

use crate::{
    blob::BlobError,
    blob_folder::disk::{self, Doing as _},
    model::{BlobId, FileStamp},
};

/// How the names of packages end.
const SUFFIX: &str = ".ampkg";

/// A folder with a file for the latest release of each id and architecture.
///
/// It is the user's: files appear, change and go while nobody looks, and this type only says how it is at the moment.
#[derive(Clone, Debug)]
pub struct PackagesFolder {
    path: PathBuf,
}

/// A package in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFile {
    /// The file's name.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// How it looks.
    pub stamp: FileStamp,
}

impl PackagesFolder {
    /// Opens the folder, makes it if it is missing, and removes the temporary files of a process that ended too early.
    /// So the folder must belong to no other process that exports to it.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, BlobError> {
        let path = path.into();
        fs::create_dir_all(&path).doing("create", &path)?;
        disk::sync_folder(disk::folder_of(&path))?;
        for entry in disk::entries(&path)? {
            if disk::is_temporary(&entry.file_name()) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                disk::remove_file(&entry.path())?;
            }
        }
        Ok(Self { path })
    }

    /// The folder of a data directory that may belong to another process: to be looked at only. Nothing is made or cleared away.
    pub fn beside(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name of the file for an id and an architecture: `<id>_<architecture>.ampkg`, 221 bytes at most.
    ///
    /// No two of them share a name: whatever architecture a package is found to have, none ends in `_` and another one.
    pub fn file_name(id: &PackageId, architecture: &PackageServerToken) -> String {
        format!("{id}_{architecture}{SUFFIX}")
    }

    /// A name that is no package's, for one that is to be taken in under its own: a start removes it then.
    pub(crate) fn file_name_of_blob(blob: &BlobId) -> String {
        format!("{blob}{SUFFIX}")
    }

    /// The blob of which that is the name.
    pub(crate) fn blob_of(file_name: &str) -> Option<BlobId> {
        file_name.strip_suffix(SUFFIX)?.parse().ok()
    }

    /// The packages: regular files whose names end in `.ampkg`, the one that was modified first before the others, then by
    /// name. For names that are no text see [`PackagesFolder::unreadable`].
    pub fn list(&self) -> Result<Vec<PackageFile>, BlobError> {
        let mut packages: Vec<PackageFile> = self
            .package_files(Names::Text)?
            .into_iter()
            .filter_map(|(path, stamp)| {
                let name = path.file_name()?.to_str()?.to_owned();
                Some(PackageFile { name, path, stamp })
            })
            .collect();
        packages.sort_by(|a, b| (a.stamp.modified_ns, &a.name).cmp(&(b.stamp.modified_ns, &b.name)));
        Ok(packages)
    }

    /// The packages that [`PackagesFolder::list`] passes over because their names are not UTF-8, so that somebody can be
    /// told. Ordered by name.
    pub fn unreadable(&self) -> Result<Vec<PathBuf>, BlobError> {
        let files = self.package_files(Names::Other)?;
        let mut paths: Vec<PathBuf> = files.into_iter().map(|(path, _)| path).collect();
        paths.sort();
        Ok(paths)
    }

    /// How a file looks at the moment; none if it is not there. A symbolic link is not followed.
    #[allow(clippy::unused_self)] // a store asks the folder, wherever that may be some day
    pub fn stamp(&self, file: &Path) -> Result<Option<FileStamp>, BlobError> {
        disk::metadata(file)?.map(|metadata| stamp(&metadata, file)).transpose()
    }

    /// Removes a file for good: it does not come back after a power cut. One that is not there is as good as removed.
    #[allow(clippy::unused_self)] // as above
    pub fn unlink(&self, file: &Path) -> Result<(), BlobError> {
        disk::remove_file(file)?;
        disk::sync_folder(disk::folder_of(file))
    }

    fn package_files(&self, names: Names) -> Result<Vec<(PathBuf, FileStamp)>, BlobError> {
        let mut files = Vec::new();
        for entry in disk::entries_if_there(&self.path)? {
            let name = entry.file_name();
            let is_text = name.to_str().is_some();
            if !name.as_encoded_bytes().ends_with(SUFFIX.as_bytes()) || is_text != (names == Names::Text) {
                continue;
            }
            let path = entry.path();
            // Not there any more: then it is not listed.
            let Some(metadata) = disk::metadata(&path)?.filter(fs::Metadata::is_file) else { continue };
            let stamp = stamp(&metadata, &path)?;
            files.push((path, stamp));
        }
        Ok(files)
    }
}

/// Which files: each is inspected, so it is asked for no more than is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Text,
    Other,
}

fn stamp(metadata: &fs::Metadata, path: &Path) -> Result<FileStamp, BlobError> {
    let (device, inode) = disk::identity(metadata).unwrap_or_default();
    let modified = metadata.modified().doing("inspect", path)?;
    let modified_ns = since_1970_ns(modified);
    Ok(FileStamp { device, inode, size_bytes: metadata.len(), modified_ns })
}

/// A time as a [`FileStamp`] has it. One before 1677 or after 2262 is not told from the nearest one.
pub(crate) fn since_1970_ns(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanoseconds| -nanoseconds)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, fs::File, time::Duration};

    use super::*;

    fn folder() -> (tempfile::TempDir, PackagesFolder) {
        let root = tempfile::tempdir().unwrap();
        let folder = PackagesFolder::open(root.path().join("a/.packages")).unwrap();
        (root, folder)
    }

    fn put(folder: &PackagesFolder, name: &str, modified: SystemTime) {
        let path = folder.path().join(name);
        fs::write(&path, name).unwrap();
        File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
    }

    fn names(folder: &PackagesFolder) -> Vec<String> {
        folder.list().unwrap().into_iter().map(|file| file.name).collect()
    }

    #[test]
    fn the_longest_name_fits_a_file_system() {
        let name = PackagesFolder::file_name(&"org.example.a".parse().unwrap(), &PackageServerToken::all());
        assert_eq!(name, "org.example.a_all.ampkg");
        let longest =
            PackagesFolder::file_name(&"i".repeat(150).parse().unwrap(), &"a".repeat(64).parse().unwrap());
        assert_eq!(longest.len(), 221);
        let (_root, folder) = folder();
        put(&folder, &longest, SystemTime::now());
        assert_eq!(names(&folder), [longest]);
    }

    #[test]
    fn lists_by_time_then_name() {
        let (_root, folder) = folder();
        let time = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        put(&folder, "b.ampkg", time(20));
        put(&folder, "c.ampkg", time(10));
        put(&folder, "a.ampkg", time(20));
        put(&folder, "d.ampkg", UNIX_EPOCH - Duration::from_secs(5));
        let files = folder.list().unwrap();
        assert_eq!(names(&folder), ["d.ampkg", "c.ampkg", "a.ampkg", "b.ampkg"]);
        assert_eq!(files[0].stamp.modified_ns, -5_000_000_000);
        assert_eq!(files[1].stamp.modified_ns, 10_000_000_000);
        assert_eq!(files[1].stamp.size_bytes, 7);
        assert_eq!(files[1].path, folder.path().join("c.ampkg"));
        assert_eq!(folder.stamp(&files[1].path).unwrap(), Some(files[1].stamp));
    }

    #[test]
    fn lists_nothing_but_packages() {
        let (_root, folder) = folder();
        for name in ["a.ampkg.part", "b.zip", "c", "D.AMPKG", "ampkg", ".amps-1.tmp"] {
            put(&folder, name, SystemTime::now());
        }
        fs::create_dir(folder.path().join("folder.ampkg")).unwrap();
        #[cfg(unix)]
        for target in ["c", "nowhere", "/dev/zero"] {
            let link = folder.path().join(format!("{}.ampkg", target.len()));
            std::os::unix::fs::symlink(target, link).unwrap();
        }
        assert_eq!(folder.list().unwrap(), []);
        put(&folder, "e.ampkg", SystemTime::now());
        assert_eq!(names(&folder), ["e.ampkg"]);
        assert_eq!(folder.unreadable().unwrap(), Vec::<PathBuf>::new());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn tells_of_names_that_are_not_utf_8() {
        use std::os::unix::ffi::OsStrExt as _;
        let (_root, folder) = folder();
        let bad = folder.path().join(OsStr::from_bytes(b"caf\xe9.ampkg"));
        fs::write(&bad, "").unwrap();
        fs::write(folder.path().join(OsStr::from_bytes(b"caf\xe9.txt")), "").unwrap();
        put(&folder, "café.ampkg", SystemTime::now());
        assert_eq!(names(&folder), ["café.ampkg"]);
        assert_eq!(folder.unreadable().unwrap(), [bad]);
    }

    #[test]
    fn the_stamp_tells_files_apart() {
        let (_root, folder) = folder();
        let file = folder.path().join("a.ampkg");
        assert_eq!(folder.stamp(&file).unwrap(), None);
        put(&folder, "a.ampkg", UNIX_EPOCH);
        let before = folder.stamp(&file).unwrap().unwrap();
        // Another file with the same size and time, put in its place.
        put(&folder, "b.ampkg", UNIX_EPOCH);
        fs::rename(folder.path().join("b.ampkg"), &file).unwrap();
        let after = folder.stamp(&file).unwrap().unwrap();
        assert_eq!((before.size_bytes, before.modified_ns), (after.size_bytes, after.modified_ns));
        #[cfg(unix)]
        assert_ne!(before, after);
        // The time counts to the nanosecond.
        put(&folder, "a.ampkg", UNIX_EPOCH + Duration::from_nanos(100));
        assert_eq!(folder.stamp(&file).unwrap().unwrap().modified_ns, 100);
    }

    #[test]
    #[cfg(unix)]
    fn the_stamp_does_not_follow_links() {
        let (_root, folder) = folder();
        let link = folder.path().join("a.ampkg");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert!(folder.stamp(&link).unwrap().is_some());
        assert!(folder.stamp(&link.join("below")).is_ok_and(|stamp| stamp.is_none()));
    }

    #[test]
    fn unlinks_once_and_again() {
        let (_root, folder) = folder();
        put(&folder, "a.ampkg", SystemTime::now());
        let file = folder.path().join("a.ampkg");
        folder.unlink(&file).unwrap();
        folder.unlink(&file).unwrap();
        assert_eq!(folder.list().unwrap(), []);
        let error = folder.unlink(folder.path()).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot remove `{}`", folder.path().display()));
    }

    #[test]
    fn opening_removes_temporary_files_only() {
        let (_root, folder) = folder();
        for name in [".amps-0123456789abcdef.tmp", "a.ampkg", "b.tmp", ".amps-c"] {
            put(&folder, name, SystemTime::now());
        }
        fs::create_dir(folder.path().join(".amps-folder.tmp")).unwrap();
        PackagesFolder::open(folder.path()).unwrap();
        let mut left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".amps-c", ".amps-folder.tmp", "a.ampkg", "b.tmp"]);
    }
}
