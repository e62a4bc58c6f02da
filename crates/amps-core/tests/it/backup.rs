//! Backups of a store that changes at the worst moment.

use std::{
    io,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use amps_catalog::SqliteFiles;
use amps_core::{
    Blob, BlobError, BlobId, BlobStore, FolderBlobStore, Origin, StagedBlob, StoredBlob, Timestamp,
    audit::Cause,
    care::{Backup, BackupSource, CareError, CatalogFiles as _, Existing, Linking, Verify, back_up, restore},
};

use crate::world::{Open, World, package};

/// Blobs of a store that does something whenever one is opened.
struct Meanwhile<F> {
    blobs: FolderBlobStore,
    act: Mutex<F>,
}

impl<F: FnMut(&BlobId) + Send> BlobStore for Meanwhile<F> {
    fn stage(&self) -> Result<Box<dyn StagedBlob>, BlobError> {
        self.blobs.stage()
    }
    fn open(&self, id: &BlobId) -> Result<Arc<dyn Blob>, BlobError> {
        (self.act.lock().unwrap())(id);
        self.blobs.open(id)
    }
    fn remove(&self, id: &BlobId) -> Result<(), BlobError> {
        self.blobs.remove(id)
    }
    fn list(&self) -> Result<Vec<StoredBlob>, BlobError> {
        self.blobs.list()
    }
    fn export(&self, id: &BlobId, file: &Path) -> Result<(), BlobError> {
        (self.act.lock().unwrap())(id);
        self.blobs.export(id, file)
    }
}

/// Makes a backup while `act` does something whenever a blob is about to be read.
fn backup(
    world: &World,
    destination: &Path,
    linking: Linking,
    act: impl FnMut(&BlobId) + Send,
) -> Result<Backup, CareError> {
    let amps = world.path().join(".amps");
    let catalog = SqliteFiles.look(&amps.join("catalog.db")).unwrap();
    let source = BackupSource {
        data_directory: world.path().into(),
        catalog: &*catalog,
        blobs: &Meanwhile { blobs: FolderBlobStore::beside(&amps), act: Mutex::new(act) },
        configuration: None,
        made_by: "a test".into(),
        made_at: Timestamp(1_800_000_000),
    };
    back_up(&source, destination, Existing::Refuse, linking, Verify::Sizes, &mut |_| ())
}

fn releases(world: &World) -> Vec<String> {
    let releases = world.catalog().releases().unwrap();
    releases.iter().map(|release| format!("{} {}", release.facts.id, release.facts.version)).collect()
}

#[test]
fn a_package_that_is_replaced_while_it_is_copied_is_copied_as_it_is_then() {
    for linking in [Linking::Copy, Linking::Link] {
        let world = World::with([&package("a", "1")[..], &package("b", "1")]);
        let open: Open = world.open();
        let (folder, count) = (tempfile::tempdir().unwrap(), AtomicUsize::new(0));
        let destination = folder.path().join("backup");
        // Before each of the first blobs that are read, both packages are replaced: whichever it is, it is gone.
        let made = backup(&world, &destination, linking, |_| {
            let version = count.fetch_add(1, Ordering::Relaxed) + 2;
            if version < 9 {
                open.upload(&package("a", &version.to_string())[..]).unwrap();
                open.upload(&package("b", &version.to_string())[..]).unwrap();
            }
        })
        .unwrap();
        assert!(count.load(Ordering::Relaxed) >= 8);
        drop(open);
        // Nothing of the versions that were copied and are gone.
        let wanted = world.catalog().blobs().unwrap().len() as u64;
        assert_eq!((made.statement.blobs, made.added - made.removed), (wanted, wanted));
        let target = World::new();
        restore(
            &destination,
            &target.path().join("data"),
            &SqliteFiles,
            "amps-config.yaml",
            (&Cause::server(), Timestamp(1)),
            &mut |_| (),
        )
        .unwrap();
        let catalog = SqliteFiles.look(&target.path().join("data/.amps/catalog.db")).unwrap();
        let restored: Vec<String> = catalog
            .releases()
            .unwrap()
            .iter()
            .map(|release| format!("{} {}", release.facts.id, release.facts.version))
            .collect();
        assert_eq!(restored, releases(&world));
    }
}

#[test]
fn a_store_that_never_holds_still_is_not_copied_for_ever() {
    let world = World::with([&package("a", "0")[..]]);
    let open = world.open();
    let folder = tempfile::tempdir().unwrap();
    let mut version = 0_u32;
    let error = backup(&world, &folder.path().join("backup"), Linking::Copy, |_| {
        version += 1;
        // All there is goes, and comes back as something else.
        open.store.remove(&"a".parse().unwrap(), None, Origin::Http).unwrap();
        open.upload(&package("a", &version.to_string())[..]).unwrap();
    })
    .unwrap_err();
    assert!(matches!(error, CareError::TooMuchChange { attempts: 50 }), "{error}");
    assert!(!folder.path().join("backup").exists());
}

#[test]
fn bytes_that_are_lost_are_not_waited_for() {
    let world = World::with([&package("a", "1")[..]]);
    let folder = tempfile::tempdir().unwrap();
    let lost = *world.catalog().blobs().unwrap().iter().next().unwrap();
    world.blobs().remove(&lost).unwrap();
    let mut opened = 0;
    let error = backup(&world, &folder.path().join("backup"), Linking::Copy, |_| opened += 1).unwrap_err();
    assert!(matches!(error, CareError::BlobMissing { id } if id == lost), "{error}");
    assert!(opened <= 4, "{opened}");
}

#[test]
fn a_copy_that_fails_leaves_nothing_under_the_name() {
    let world = World::with([&package("a", "1")[..]]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = backup(&world, &file.join("backup"), Linking::Copy, |_| ()).unwrap_err();
    assert!(
        matches!(&error, CareError::Blob(BlobError::Io { source, .. }) if source.kind() == io::ErrorKind::NotADirectory),
        "{error}"
    );
}
