//! What the folder looks like afterwards, whatever goes wrong.

use std::{
    io::Write as _,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use ampkg::Digest;
use tempfile::TempDir;

use super::*;

const ID: BlobId = BlobId(Digest([0xab; 32]));

fn store() -> (TempDir, FolderBlobStore) {
    let root = tempfile::tempdir().unwrap();
    let store = FolderBlobStore::open(&root.path().join(".amps")).unwrap();
    (root, store)
}

fn put(store: &FolderBlobStore, id: BlobId, bytes: &[u8]) {
    let mut staged = store.stage().unwrap();
    staged.write_all(bytes).unwrap();
    staged.commit(&id).unwrap();
}

fn read(blob: &dyn Blob) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(blob.size_bytes()).unwrap()];
    assert_eq!(blob.read_at(0, &mut bytes).unwrap(), bytes.len());
    bytes
}

fn set_time(path: &Path, time: SystemTime) {
    File::open(path).unwrap().set_modified(time).unwrap();
}

/// All files below a folder, by their names.
fn files(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            names.extend(files(&entry.path()));
        } else {
            names.push(entry.file_name().into_string().unwrap());
        }
    }
    names.sort();
    names
}

#[test]
fn a_committed_blob_is_read_back() {
    let (_root, store) = store();
    put(&store, ID, b"hello");
    let blob = store.open(&ID).unwrap();
    assert_eq!(read(&*blob), b"hello");
    let path = store.0.path(&ID);
    assert!(path.ends_with(format!("blobs/ab/{}", "ab".repeat(32))));
    let listed = store.list().unwrap();
    let committed = fs::metadata(&path).unwrap().modified().unwrap();
    assert_eq!(listed, [StoredBlob { id: ID, size_bytes: 5, committed }]);
    assert_eq!(files(&store.0.staging), [""; 0]);
}

#[test]
fn nothing_has_a_name_before_it_is_committed() {
    let (_root, store) = store();
    let mut staged = store.stage().unwrap();
    staged.write_all(b"hello").unwrap();
    staged.sync().unwrap();
    assert_eq!(store.list().unwrap(), []);
    assert_eq!(files(&store.0.staging).len(), 1);
    drop(staged);
    assert_eq!(files(&store.0.staging), [""; 0]);
    assert!(matches!(store.open(&ID), Err(BlobError::NotFound { id: ID })));
}

#[test]
fn an_open_blob_outlives_its_name() {
    let (_root, store) = store();
    put(&store, ID, b"hello");
    let blob = store.open(&ID).unwrap();
    store.remove(&ID).unwrap();
    store.remove(&ID).unwrap();
    assert_eq!(read(&*blob), b"hello");
    let error = store.open(&ID).err().unwrap();
    assert_eq!(error.to_string(), format!("there is no blob {}", "ab".repeat(32)));
}

#[test]
fn a_blob_that_is_there_stays_but_counts_as_new() {
    let (_root, store) = store();
    put(&store, ID, b"hello");
    let path = store.0.path(&ID);
    set_time(&path, UNIX_EPOCH + Duration::from_secs(1000));
    let before = fs::metadata(&path).unwrap();
    put(&store, ID, b"HELLO");
    let after = fs::metadata(&path).unwrap();
    assert_eq!(read(&*store.open(&ID).unwrap()), b"hello");
    assert_eq!(disk::identity(&before), disk::identity(&after));
    assert!(after.modified().unwrap() > UNIX_EPOCH + Duration::from_secs(1_000_000));
    assert_eq!(files(&store.0.staging), [""; 0]);
}

#[test]
fn a_slow_upload_counts_from_its_commit() {
    let (_root, store) = store();
    let mut staged = store.stage().unwrap();
    staged.write_all(b"hello").unwrap();
    let name = files(&store.0.staging).remove(0);
    set_time(&store.0.staging.join(name), UNIX_EPOCH);
    staged.commit(&ID).unwrap();
    assert!(store.list().unwrap()[0].committed > UNIX_EPOCH + Duration::from_secs(1_000_000));
}

#[test]
fn a_damaged_blob_is_replaced() {
    let (_root, store) = store();
    put(&store, ID, b"hel");
    put(&store, ID, b"hello");
    assert_eq!(read(&*store.open(&ID).unwrap()), b"hello");
    #[cfg(unix)]
    {
        // Something else in its place: never followed.
        let path = store.0.path(&ID);
        let elsewhere = store.0.blobs.join("elsewhere");
        fs::write(&elsewhere, "hello").unwrap();
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert_eq!(store.list().unwrap(), []);
        put(&store, ID, b"hello");
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
    }
}

#[test]
#[cfg(unix)]
fn nobody_may_write_to_a_blob() {
    use std::os::unix::fs::PermissionsExt as _;
    let (root, store) = store();
    put(&store, ID, b"hello");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    // What the umask of the test leaves of 0444.
    let expected = 0o444 & mode(root.path().join(".amps").as_path());
    assert_eq!(mode(&store.0.path(&ID)), expected);
}

#[test]
fn lists_only_what_can_be_opened() {
    let (_root, store) = store();
    put(&store, ID, b"hello");
    let blobs = store.0.blobs.clone();
    let put_file = |name: &str| fs::write(blobs.join(name), "x").unwrap();
    put_file("README");
    put_file(&"ab".repeat(32)); // on the wrong level
    put_file("ab/notes.txt");
    put_file(&format!("ab/{}", "cd".repeat(32))); // in the wrong folder
    put_file(&format!("ab/{}", "AB".repeat(32)));
    put_file(&format!("ab/{}", "é".repeat(32)));
    fs::create_dir_all(blobs.join("cd").join("cd".repeat(32))).unwrap();
    assert_eq!(store.list().unwrap().iter().map(|blob| blob.id).collect::<Vec<_>>(), [ID]);
    // A folder with the name of a blob is no blob.
    let error = store.open(&BlobId(Digest([0xcd; 32]))).err().unwrap();
    assert!(matches!(error, BlobError::Io { .. }), "{error}");
}

#[test]
fn opening_empties_the_staging_area_and_keeps_the_blobs() {
    let (root, store) = store();
    put(&store, ID, b"hello");
    let staging = store.0.staging.clone();
    drop(store);
    fs::write(staging.join("left-over"), "x").unwrap();
    fs::create_dir_all(staging.join("folder/in/it")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(root.path(), staging.join("link")).unwrap();
    let store = FolderBlobStore::open(&root.path().join(".amps")).unwrap();
    assert_eq!(fs::read_dir(&staging).unwrap().count(), 0);
    assert_eq!(read(&*store.open(&ID).unwrap()), b"hello");
}

#[test]
fn an_export_is_a_hard_link_in_place_of_what_was_there() {
    let (root, store) = store();
    put(&store, ID, b"hello");
    let folder = root.path().join("out");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("a.ampkg");
    fs::write(&file, "before").unwrap();
    // The second time there is nothing to do.
    for _ in 0..2 {
        store.export(&ID, &file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"hello");
        let identity = |path: &Path| disk::identity(&fs::metadata(path).unwrap());
        assert_eq!(identity(&file), identity(&store.0.path(&ID)));
        assert_eq!(files(&folder), ["a.ampkg"]);
    }
    store.remove(&ID).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"hello");
}

#[test]
fn exports_of_one_blob_at_the_same_time_leave_one_name() {
    let (root, store) = store();
    put(&store, ID, b"hello");
    let folder = root.path().join("out");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("a.ampkg");
    // Two stores on one folder: their locks do not know each other.
    let second = FolderBlobStore::open(&root.path().join(".amps")).unwrap();
    thread::scope(|scope| {
        for store in [&store, &second, &store, &second] {
            scope.spawn(|| {
                for _ in 0..50 {
                    let _ = fs::remove_file(&file);
                    store.export(&ID, &file).unwrap();
                }
            });
        }
    });
    assert_eq!(files(&folder), ["a.ampkg"]);
}

#[test]
fn an_export_that_fails_leaves_nothing() {
    let (root, store) = store();
    let folder = root.path().join("out");
    // A folder that is not empty cannot be replaced by a file.
    fs::create_dir_all(folder.join("a.ampkg/x")).unwrap();
    let check = |file: &Path| {
        let error = store.export(&ID, file).unwrap_err();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        error
    };
    assert!(matches!(check(&folder.join("b")), BlobError::NotFound { id: ID }));
    put(&store, ID, b"hello");
    let missing = folder.join("missing/b");
    for file in [folder.join("a.ampkg"), missing] {
        let error = check(&file);
        assert_eq!(error.to_string(), format!("cannot create `{}`", file.display()));
        assert!(std::error::Error::source(&error).is_some());
    }
}

#[test]
fn a_copy_stands_in_for_a_link() {
    let (root, store) = store();
    put(&store, ID, b"hello");
    let folder = root.path().join("out");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("a.ampkg");
    fs::write(&file, "before").unwrap();
    let source = || File::open(store.0.path(&ID)).unwrap();
    export::copy(source(), &file).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"hello");
    assert_eq!(files(&folder), ["a.ampkg"]);
    fs::create_dir_all(folder.join("folder/x")).unwrap();
    export::copy(source(), &folder.join("folder")).unwrap_err();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    // Its owner may take it away without the blob noticing.
    fs::remove_file(&file).unwrap();
    assert_eq!(read(&*store.open(&ID).unwrap()), b"hello");
}

#[test]
fn a_commit_that_fails_leaves_nothing() {
    let (_root, store) = store();
    // Neither a file where the folder should be nor a full folder where the blob should be can be replaced.
    let folder = store.0.blobs.join("ab");
    fs::write(&folder, "").unwrap();
    let commit = || {
        let mut staged = store.stage().unwrap();
        staged.write_all(b"hello").unwrap();
        let error = staged.commit(&ID).unwrap_err();
        assert!(matches!(error, BlobError::Io { .. }), "{error}");
        assert_eq!(files(&store.0.staging), [""; 0]);
    };
    commit();
    fs::remove_file(&folder).unwrap();
    fs::create_dir_all(store.0.path(&ID).join("x")).unwrap();
    commit();
    // And without a staging area there is nothing to commit.
    fs::remove_dir(&store.0.staging).unwrap();
    let error = store.stage().err().unwrap();
    assert_eq!(error.to_string(), format!("cannot create a file in `{}`", store.0.staging.display()));
}

#[test]
fn commits_and_removals_of_one_blob_do_not_tear_it() {
    let (_root, store) = store();
    let bytes = vec![7; 100_000];
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..30).for_each(|_| put(&store, ID, &bytes)));
        }
        scope.spawn(|| (0..100).for_each(|_| store.remove(&ID).unwrap()));
        scope.spawn(|| {
            for _ in 0..100 {
                match store.open(&ID) {
                    Ok(blob) => assert_eq!(read(&*blob), bytes),
                    Err(error) => assert!(matches!(error, BlobError::NotFound { .. }), "{error}"),
                }
            }
        });
    });
    assert_eq!(files(&store.0.staging), [""; 0]);
}
