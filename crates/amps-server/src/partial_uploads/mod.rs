//! Uploads that come in pieces: what has come of each lies in a folder of its own, and is there after a restart. Bounded in number, size and
//! age. Everything here waits for the disk.

mod append;
mod record;

use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use amps_core::{
    Timestamp,
    accounts::{AccountError, DownloadToken},
};

use crate::{limits::ServerLimits, upload_checks::UploadChecks};
pub(crate) use append::AppendError;
pub(crate) use record::{Owner, Record, State};

/// The uploads of a server.
pub(crate) struct PartialUploads {
    folder: PathBuf,
    limits: ServerLimits,
    /// By the hash of what names them: whoever sees the folder cannot go on with any.
    uploads: Mutex<HashMap<String, Arc<PartialUpload>>>,
}

/// An upload that comes in pieces.
pub(crate) struct PartialUpload {
    record_file: PathBuf,
    data_file: PathBuf,
    record: Mutex<Record>,
    /// What is known of its checks while it is verified.
    pub(crate) checks: Arc<UploadChecks>,
    /// Held by whoever adds to it or makes a release of it.
    pub(crate) busy: Arc<tokio::sync::Mutex<()>>,
}

/// Why there cannot be another upload.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CannotCreate {
    #[error("there are {limit} uploads already that have not ended: end or remove one")]
    TooMany { limit: usize },
    #[error("the uploads that have not ended would have more than {limit_bytes} bytes: end or remove one")]
    TooLarge { limit_bytes: u64 },
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Name(#[from] AccountError),
}

impl PartialUploads {
    /// Opens the folder; what is no upload there goes.
    pub(crate) fn open(folder: PathBuf, limits: ServerLimits) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let mut uploads = HashMap::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let key = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
            if path.extension().is_some_and(|extension| extension == "json") {
                match Record::read(&path) {
                    Ok(record) => {
                        uploads.insert(key.clone(), Arc::new(PartialUpload::new(&folder, &key, record)));
                    }
                    Err(error) => {
                        tracing::warn!(%error, file = %path.display(), "forgetting an upload that cannot be read");
                    }
                }
            }
        }
        let uploads = Self { folder, limits, uploads: Mutex::new(uploads) };
        uploads.sweep()?;
        Ok(uploads)
    }

    /// Removes files that belong to no upload.
    fn sweep(&self) -> io::Result<()> {
        let uploads = self.lock();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let key = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            if !uploads.contains_key(key) {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }

    /// Begins an upload, and gives it a name that nobody can guess.
    pub(crate) fn create(&self, record: Record, now: Timestamp) -> Result<DownloadToken, CannotCreate> {
        let mut uploads = self.lock();
        remove_if(&mut uploads, |upload| upload.is_over(now));
        let (mut number, mut bytes) = (0, record.length_bytes);
        for upload in uploads.values() {
            let other = upload.record();
            if !other.state.has_ended() && other.owner.counts_with(&record.owner) {
                number += 1;
                bytes = bytes.saturating_add(other.length_bytes);
            }
        }
        if number >= self.limits.partial_uploads_per_caller {
            return Err(CannotCreate::TooMany { limit: self.limits.partial_uploads_per_caller });
        }
        if bytes > self.limits.partial_upload_bytes {
            return Err(CannotCreate::TooLarge { limit_bytes: self.limits.partial_upload_bytes });
        }
        if uploads.len() >= self.limits.partial_uploads {
            // The one that ended and would have been forgotten first.
            let ended = uploads.iter().filter(|(_, upload)| upload.record().state.has_ended());
            let oldest =
                ended.min_by_key(|(_, upload)| upload.record().expires_at).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else {
                return Err(CannotCreate::TooMany { limit: self.limits.partial_uploads });
            };
            remove_if(&mut uploads, |upload| upload.has_key(&oldest));
        }
        let name = DownloadToken::generate()?;
        let key = key(&name);
        let upload = PartialUpload::new(&self.folder, &key, record);
        File::create_new(&upload.data_file)?.sync_all()?;
        upload.save()?;
        uploads.insert(key, Arc::new(upload));
        Ok(name)
    }

    /// The upload of a name, if it is this owner's.
    pub(crate) fn find(
        &self,
        name: &DownloadToken,
        owner: &Owner,
        now: Timestamp,
    ) -> Option<Arc<PartialUpload>> {
        let upload = self.lock().get(&key(name)).cloned()?;
        (!upload.is_over(now) && upload.record().owner.is(owner)).then_some(upload)
    }

    /// Forgets an upload.
    pub(crate) fn remove(&self, name: &DownloadToken) {
        let key = key(name);
        remove_if(&mut self.lock(), |upload| upload.has_key(&key));
    }

    /// Forgets those whose time is over.
    pub(crate) fn expire(&self, now: Timestamp) {
        remove_if(&mut self.lock(), |upload| upload.is_over(now));
    }

    /// Those that have come to their end and of which nobody knows yet what they are.
    pub(crate) fn complete(&self) -> Vec<Arc<PartialUpload>> {
        self.lock().values().filter(|upload| upload.is_complete()).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<PartialUpload>>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PartialUpload {
    fn new(folder: &Path, key: &str, record: Record) -> Self {
        Self {
            record_file: folder.join(format!("{key}.json")),
            data_file: folder.join(format!("{key}.part")),
            record: Mutex::new(record),
            checks: Arc::default(),
            busy: Arc::default(),
        }
    }

    /// What is known of it.
    pub(crate) fn record(&self) -> Record {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How much of it has come.
    pub(crate) fn offset_bytes(&self) -> io::Result<u64> {
        let record = self.record();
        if record.state.has_ended() {
            Ok(record.length_bytes)
        } else {
            Ok(fs::metadata(&self.data_file)?.len())
        }
    }

    /// What has come of it.
    pub(crate) fn data(&self) -> io::Result<File> {
        File::open(&self.data_file)
    }

    /// Notes what has become of it. When it has ended, only that stays, and what came of the checks.
    pub(crate) fn set_state(&self, state: State) -> io::Result<()> {
        let has_ended = state.has_ended();
        let checks = if has_ended { self.checks.verdicts() } else { Vec::new() };
        {
            let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
            (record.state, record.checks) = (state, checks);
        }
        self.save()?;
        if has_ended { fs::remove_file(&self.data_file) } else { Ok(()) }
    }

    fn save(&self) -> io::Result<()> {
        self.record().write(&self.record_file)
    }

    fn is_over(&self, now: Timestamp) -> bool {
        // Not under the hands of somebody.
        now.0 >= self.record().expires_at && self.busy.try_lock().is_ok()
    }

    fn is_complete(&self) -> bool {
        let record = self.record();
        !record.state.has_ended() && self.offset_bytes().is_ok_and(|bytes| bytes == record.length_bytes)
    }

    fn has_key(&self, key: &str) -> bool {
        self.record_file.file_stem().is_some_and(|stem| stem == key)
    }
}

fn key(name: &DownloadToken) -> String {
    name.hash().0.to_string()
}

/// Forgets uploads, and removes their files: first what says that they are there.
fn remove_if(
    uploads: &mut HashMap<String, Arc<PartialUpload>>,
    mut goes: impl FnMut(&PartialUpload) -> bool,
) {
    uploads.retain(|_, upload| {
        let stays = !goes(upload);
        if !stays {
            for file in [&upload.record_file, &upload.data_file] {
                // What is left is found by the next start.
                let _ = fs::remove_file(file);
            }
        }
        stays
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(owner: &str, length_bytes: u64) -> Record {
        Record {
            client: None,
            request: None,
            length_bytes,
            owner: Owner { token: Some(owner.into()), user: None, address: "127.0.0.1".into() },
            by: "x".into(),
            scope: Vec::new(),
            metadata: None,
            expires_at: 100,
            state: State::Receiving,
            checks: Vec::new(),
        }
    }

    fn limits() -> ServerLimits {
        ServerLimits {
            partial_uploads: 3,
            partial_uploads_per_caller: 2,
            partial_upload_bytes: 10,
            ..ServerLimits::default()
        }
    }

    #[test]
    fn each_caller_has_so_many_of_so_many_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let uploads = PartialUploads::open(folder.path().join("u"), limits()).unwrap();
        let create = |owner: &str, bytes| uploads.create(record(owner, bytes), Timestamp(0));
        let first = create("a", 4).unwrap();
        assert!(matches!(create("a", 7), Err(CannotCreate::TooLarge { limit_bytes: 10 })));
        create("a", 6).unwrap();
        assert!(matches!(create("a", 0), Err(CannotCreate::TooMany { limit: 2 })));
        create("b", 10).unwrap();
        assert!(matches!(create("c", 1), Err(CannotCreate::TooMany { limit: 3 })));
        // One that has ended makes room.
        let upload = uploads.find(&first, &record("a", 0).owner, Timestamp(0)).unwrap();
        upload.set_state(State::Published { sequence: 1 }).unwrap();
        create("c", 1).unwrap();
        assert!(uploads.find(&first, &record("a", 0).owner, Timestamp(0)).is_none());
        // And so do those whose time is over.
        uploads.create(Record { expires_at: 300, ..record("d", 10) }, Timestamp(100)).unwrap();
        assert_eq!(fs::read_dir(folder.path().join("u")).unwrap().count(), 2);
    }

    #[test]
    fn what_has_come_is_there_after_a_restart_and_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let open = || PartialUploads::open(folder.path().into(), limits()).unwrap();
        let name = open().create(record("a", 4), Timestamp(0)).unwrap();
        let find = |uploads: &PartialUploads, owner: &str, now| {
            uploads.find(&name, &record(owner, 0).owner, Timestamp(now))
        };
        let uploads = open();
        find(&uploads, "a", 0).unwrap().append(&b"12"[..], 0).1.unwrap();
        fs::write(folder.path().join("garbage.json"), "{").unwrap();
        fs::write(folder.path().join("orphan.part"), "x").unwrap();
        let uploads = open();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        let upload = find(&uploads, "a", 99).unwrap();
        assert_eq!((upload.offset_bytes().unwrap(), uploads.complete().len()), (2, 0));
        assert!(find(&uploads, "b", 0).is_none() && find(&uploads, "a", 100).is_none());
        assert!(matches!(upload.append(&b"345"[..], 2), (2, Err(AppendError::TooMuch))));
        assert!(matches!(upload.append(&b"34"[..], 2), (4, Ok(()))));
        assert_eq!(open().complete().len(), 1);
        uploads.expire(Timestamp(100));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
