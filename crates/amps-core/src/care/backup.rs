//! A copy of a store, made while a server may change it.

use std::{
    collections::{HashMap, HashSet},
    io,
    path::{Path, PathBuf},
};

use super::{
    CareError, CatalogCare, FileStatement, Statement,
    backup_folder::read_through,
    copy::{self, Progress},
    statement::{FORMAT, VERSION},
    workspace::Workspace,
};
use crate::{
    blob::{BlobError, BlobStore},
    blob_folder::{FolderBlobStore, Shared},
    clock::Timestamp,
    model::BlobId,
};

/// How often the catalog is copied anew because a blob that the copy refers to was gone. What was copied stays, so each round is
/// shorter than the one before.
const MAX_ATTEMPTS: u32 = 50;

/// What is copied.
pub struct BackupSource<'a> {
    /// The data directory, absolute: by it a later backup knows that it is of the same store.
    pub data_directory: PathBuf,
    /// Its catalog.
    pub catalog: &'a dyn CatalogCare,
    /// Its blobs.
    pub blobs: &'a dyn BlobStore,
    /// The text of its configuration, if it has one.
    pub configuration: Option<Vec<u8>>,
    /// Which version of which program does this.
    pub made_by: String,
    /// When it is done.
    pub made_at: Timestamp,
}

/// What happens if the backup is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Nothing: that is an error.
    Refuse,
    /// It becomes one of now; what it has is not copied again.
    Update,
}

/// How blobs get into the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linking {
    /// They are copied.
    Copy,
    /// They are hard links where that works: no protection against a disk that fails.
    Link,
}

/// Whether blobs that the backup has already are read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// Those that have the right size are taken as they are.
    Sizes,
    /// All are compared with their hashes, and copied again if they are damaged.
    Hashes,
}

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// What it says of itself.
    pub statement: Statement,
    /// How many blobs were copied or linked; the others were there.
    pub added: u64,
    /// How many of an earlier backup were removed, because nothing refers to them any more.
    pub removed: u64,
}

/// Makes a backup in a folder that is not there, or updates the one that is.
///
/// The catalog first, then the blobs that the copy of it refers to. The order is what makes it whole: a blob is there before the
/// catalog knows it, and goes after the catalog has forgotten it. If one is gone that the copy refers to, it has been replaced
/// meanwhile, and the catalog is copied again.
///
/// `progress` is told how many bytes were read.
pub fn back_up(
    source: &BackupSource<'_>,
    destination: &Path,
    existing: Existing,
    linking: Linking,
    verify: Verify,
    progress: &mut dyn FnMut(u64),
) -> Result<Backup, CareError> {
    let workspace = Workspace::begin(destination, existing)?;
    check_earlier(&workspace, source)?;
    let target = FolderBlobStore::open(&workspace.folder.path)?;
    let mut copying =
        Copying { source: source.blobs, target: &target, linking, verify, sizes: HashMap::new(), added: 0 };
    copying.sizes = target
        .list()?
        .into_iter()
        .map(|blob| (blob.id, Known { size_bytes: blob.size_bytes, is_settled: false }))
        .collect();
    let (catalog, blobs) = copying.all(source.catalog, &workspace, progress)?;
    let number = workspace.number();
    let configuration = match &source.configuration {
        None => None,
        Some(text) => {
            let file = workspace.folder.configuration(number);
            workspace.write(&file, text)?;
            Some(read_through(&file, &mut io::sink())?)
        }
    };
    let statement = Statement {
        format_type: FORMAT.into(),
        format_version: VERSION,
        made_by: source.made_by.clone(),
        made_at: source.made_at.0,
        data_directory: source.data_directory.to_string_lossy().into_owned(),
        number,
        generation: catalog.generation,
        schema_version: catalog.schema_version,
        catalog: catalog.file,
        configuration,
        blobs: blobs.len() as u64,
        blob_bytes: blobs.iter().filter_map(|id| copying.sizes.get(id)).map(|known| known.size_bytes).sum(),
    };
    let text = serde_json::to_vec_pretty(&statement).map_err(|error| CareError::Unusable {
        path: workspace.folder.statement_file(),
        problem: error.to_string(),
    })?;
    // From here on it is this backup, and no longer the one before.
    workspace.write(&workspace.folder.statement_file(), &text)?;
    let mut removed = 0;
    for id in copying.sizes.keys().filter(|id| !blobs.contains(id)) {
        target.remove(id)?;
        removed += 1;
    }
    let added = copying.added;
    workspace.finish()?;
    Ok(Backup { statement, added, removed })
}

/// Refuses to replace a backup by that of another store, or by one that has less than it.
fn check_earlier(workspace: &Workspace, source: &BackupSource<'_>) -> Result<(), CareError> {
    let Some(earlier) = &workspace.earlier else { return Ok(()) };
    let path = workspace.folder.path.clone();
    let data_directory = source.data_directory.to_string_lossy();
    if earlier.data_directory != data_directory {
        let (found, expected) = (earlier.data_directory.clone(), data_directory.into_owned());
        return Err(CareError::OtherStore { path, found, expected });
    }
    let generation = source.catalog.generation()?;
    if generation < earlier.generation {
        return Err(CareError::StoreIsOlder { path, found: earlier.generation, expected: generation });
    }
    Ok(())
}

/// Refuses a copy of a catalog that is damaged. That takes long: not every copy is looked through.
fn check(copy: &dyn CatalogCare, file: &Path) -> Result<(), CareError> {
    match copy.damage(1)?.into_iter().next() {
        Some(found) => Err(CareError::CatalogDamaged { path: file.into(), found }),
        None => Ok(()),
    }
}

/// A copy of the catalog.
struct CatalogCopy {
    file: FileStatement,
    generation: u64,
    schema_version: i64,
}

/// A blob in the backup.
#[derive(Clone, Copy)]
struct Known {
    size_bytes: u64,
    /// Whether nothing is to be done about it any more.
    is_settled: bool,
}

struct Copying<'a> {
    source: &'a dyn BlobStore,
    target: &'a FolderBlobStore,
    linking: Linking,
    verify: Verify,
    sizes: HashMap<BlobId, Known>,
    added: u64,
}

impl Copying<'_> {
    /// Copies the catalog and all blobs that the copy refers to.
    fn all(
        &mut self,
        catalog: &dyn CatalogCare,
        workspace: &Workspace,
        progress: Progress<'_>,
    ) -> Result<(CatalogCopy, HashSet<BlobId>), CareError> {
        let file = workspace.folder.catalog(workspace.number());
        let mut last: Option<(u64, BlobId)> = None;
        for attempt in 0..MAX_ATTEMPTS {
            workspace.remove_catalog()?;
            let copy = catalog.copy_to(&file)?;
            if attempt == 0 {
                check(&*copy, &file)?;
            }
            let generation = copy.generation()?;
            if let Some((before, id)) = last
                && before == generation
            {
                // Nothing has changed, so it was not replaced.
                return Err(CareError::BlobMissing { id });
            }
            let blobs = copy.blobs()?;
            let Some(missing) = self.blobs(&blobs, progress)? else {
                if attempt > 0 {
                    check(&*copy, &file)?;
                }
                let schema_version = copy.schema_version()?.found;
                drop(copy);
                let file = read_through(&file, &mut io::sink())?;
                return Ok((CatalogCopy { file, generation, schema_version }, blobs));
            };
            last = Some((generation, missing));
        }
        Err(CareError::TooMuchChange { attempts: MAX_ATTEMPTS })
    }

    /// Copies those of the blobs that are not there yet; returns one that is gone, if there is one.
    fn blobs(
        &mut self,
        blobs: &HashSet<BlobId>,
        progress: Progress<'_>,
    ) -> Result<Option<BlobId>, CareError> {
        let mut missing = None;
        let sizes: HashMap<BlobId, u64> =
            self.source.list()?.into_iter().map(|blob| (blob.id, blob.size_bytes)).collect();
        for id in blobs {
            if self.has(id, sizes.get(id).copied(), progress)? {
                continue;
            }
            match self.add(id, progress)? {
                Some(size_bytes) => {
                    self.sizes.insert(*id, Known { size_bytes, is_settled: true });
                    self.added += 1;
                }
                None => missing = Some(*id),
            }
        }
        Ok(missing)
    }

    /// Whether the backup has a blob, as far as it is to be looked at. One that it has and should not have is removed.
    fn has(
        &mut self,
        id: &BlobId,
        size_bytes: Option<u64>,
        progress: Progress<'_>,
    ) -> Result<bool, CareError> {
        let Some(known) = self.sizes.get(id).copied() else { return Ok(false) };
        if known.is_settled {
            return Ok(true);
        }
        let fits = match (self.verify, size_bytes) {
            (Verify::Sizes, Some(size_bytes)) => known.size_bytes == size_bytes,
            // By its hash too if the store has nothing to compare it with.
            _ => copy::hash(id, &*self.target.open(id)?, progress)? == *id,
        };
        if fits {
            self.sizes.insert(*id, Known { is_settled: true, ..known });
        } else {
            self.target.remove(id)?;
            self.sizes.remove(id);
        }
        Ok(fits)
    }

    /// Adds a blob; returns its size, or none if it is gone.
    fn add(&self, id: &BlobId, progress: Progress<'_>) -> Result<Option<u64>, CareError> {
        if self.linking == Linking::Copy {
            return copy::copy(id, self.source, self.target, progress);
        }
        let shared = match self.target.link_from(self.source, id) {
            Ok(shared) => shared,
            Err(BlobError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let blob = self.target.open(id)?;
        if shared == Shared::Copied || self.verify == Verify::Hashes {
            let found = copy::hash(id, &*blob, progress)?;
            if found != *id {
                self.target.remove(id)?;
                return Err(CareError::BlobDamaged { id: *id, found });
            }
        }
        Ok(Some(blob.size_bytes()))
    }
}
