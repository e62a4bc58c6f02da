//! The files that TLS needs, as they are at one moment.

use std::{
    fs::File,
    io::Read as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::error::TlsError;
use crate::tls_settings::TlsSettings;

/// Bytes that a certificate, its chain or a key may have; a real one has a few thousand.
const SMALL_BYTES: u64 = 1024 * 1024;
/// Bytes that a file with revocation lists may have: some 400,000 entries.
const CRL_BYTES: u64 = 16 * 1024 * 1024;
/// What lets everybody read a file.
const OTHERS_READ: u32 = 0o004;

/// What the files hold.
pub(super) struct Files {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) client_cas: Vec<(PathBuf, Vec<u8>)>,
    pub(super) client_crls: Vec<(PathBuf, Vec<u8>)>,
    /// Whether anybody on this machine can read the key.
    pub(super) is_key_public: bool,
}

/// Tells whether files hold the same.
pub(super) type Fingerprint = [u8; 32];

impl Files {
    pub(super) fn read(settings: &TlsSettings) -> Result<Self, TlsError> {
        let named = |paths: &[PathBuf], limit| -> Result<Vec<_>, TlsError> {
            paths.iter().map(|path| Ok((path.clone(), read(path, limit)?.0.to_vec()))).collect()
        };
        let (key, mode) = read(&settings.key, SMALL_BYTES)?;
        Ok(Self {
            certificate: read(&settings.certificate, SMALL_BYTES)?.0.to_vec(),
            key,
            client_cas: named(&settings.client_cas, SMALL_BYTES)?,
            client_crls: named(&settings.client_crls, CRL_BYTES)?,
            is_key_public: mode & OTHERS_READ != 0,
        })
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        let mut all = Sha256::new();
        let lists = self.client_cas.iter().chain(&self.client_crls).map(|(_, bytes)| bytes);
        for bytes in [&self.certificate, &*self.key].into_iter().chain(lists) {
            all.update(Sha256::digest(bytes));
        }
        all.finalize().into()
    }
}

/// The whole file and its mode. Whatever it is, it may be a key.
fn read(path: &Path, limit_bytes: u64) -> Result<(Zeroizing<Vec<u8>>, u32), TlsError> {
    let unreadable = |source| TlsError::Read { path: path.into(), source };
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    // Enough from the beginning: a vector that grows leaves copies behind.
    let room = usize::try_from(metadata.len().min(limit_bytes)).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(room + 1));
    file.take(limit_bytes + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit_bytes {
        return Err(TlsError::TooLarge { path: path.into(), limit_bytes });
    }
    Ok((bytes, metadata.permissions().mode()))
}
