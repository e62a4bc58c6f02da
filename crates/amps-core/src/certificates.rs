//! Certificates and keys from files, checked before anything depends on them.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use amps_pki::{
    Certificate, CertificateSet, FileError, MAX_CERTIFICATE_FILE_BYTES, MAX_PKCS12_BYTES,
    MAX_REVOCATION_FILE_BYTES, Password, Pkcs12Error, Pkcs12Signer, RevocationLists, Signer, SignerKeyUsage,
    TrustAnchors,
};

use crate::clock::Timestamp;

/// Where certificates and keys lie.
#[derive(Debug, Default)]
pub struct CertificateFiles {
    /// PKCS#12 with the store's key and certificates.
    pub store: Option<PathBuf>,
    /// Its password; without one, the empty one.
    pub store_password: Option<Password>,
    /// CA certificates that developers' certificates must lead to, PEM. None: developer signatures are not verified.
    pub developer_cas: Vec<PathBuf>,
    /// Certificate revocation lists for them.
    pub developer_crls: Vec<PathBuf>,
    /// What a developer's certificate must be made for.
    pub signer_key_usage: SignerKeyUsage,
}

/// What was loaded.
#[derive(Default)]
pub struct Certificates {
    /// Whom developer signatures must lead to, if they are to be verified.
    pub developers: Option<TrustAnchors>,
    /// The store's key, if downloads are to be signed.
    pub store: Option<Arc<dyn Signer>>,
    /// What will make trouble, in words for people.
    pub warnings: Vec<String>,
}

impl CertificateFiles {
    /// Reads all of them. A store certificate that is not valid `now` is an error, a CA certificate a warning.
    pub fn load(&self, now: Timestamp) -> Result<Certificates, CertificateError> {
        let mut loaded = self.load_developers(now)?;
        if let Some(path) = &self.store {
            let store = self.store(path)?;
            check_store(path, store.certificates().own(), now)?;
            loaded.store = Some(Arc::new(store));
        }
        Ok(loaded)
    }

    /// Reads what developers are verified with, and leaves the store's key alone.
    pub fn load_developers(&self, now: Timestamp) -> Result<Certificates, CertificateError> {
        let mut loaded = Certificates::default();
        if self.developer_cas.is_empty() {
            if let Some(path) = self.developer_crls.first() {
                return Err(CertificateError::CrlWithoutCa { path: path.clone() });
            }
            return Ok(loaded);
        }
        let developers = self.developers()?;
        loaded.warnings =
            developers.certificates().filter_map(|certificate| invalid(certificate, now)).collect();
        loaded.developers = Some(developers);
        Ok(loaded)
    }

    pub(crate) fn store(&self, path: &Path) -> Result<Pkcs12Signer, CertificateError> {
        let file = read(path, MAX_PKCS12_BYTES)?;
        let empty = Password::from("");
        let password = self.store_password.as_ref().unwrap_or(&empty);
        Pkcs12Signer::open(&file, password)
            .map_err(|source| CertificateError::Store { path: path.into(), source })
    }

    fn developers(&self) -> Result<TrustAnchors, CertificateError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| CertificateError::File { path, source }
        };
        let mut certificates = CertificateSet::new();
        for path in &self.developer_cas {
            certificates.add(&read(path, MAX_CERTIFICATE_FILE_BYTES)?).map_err(unreadable(path))?;
        }
        let anchors = TrustAnchors::new(certificates).with_signer_key_usage(self.signer_key_usage);
        if self.developer_crls.is_empty() {
            return Ok(anchors);
        }
        let mut lists = RevocationLists::new();
        for path in &self.developer_crls {
            lists.add(&read(path, MAX_REVOCATION_FILE_BYTES)?).map_err(unreadable(path))?;
        }
        Ok(anchors.with_revocation_lists(lists))
    }
}

/// Reads a whole file of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, CertificateError> {
    let unreadable = |source| CertificateError::Read { path: path.into(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > limit {
        return Err(CertificateError::TooLarge { path: path.into(), limit });
    }
    Ok(bytes)
}

fn check_store(path: &Path, certificate: &Certificate, now: Timestamp) -> Result<(), CertificateError> {
    match invalid(certificate, now) {
        Some(reason) => Err(CertificateError::StoreNotValid { path: path.into(), reason }),
        None => Ok(()),
    }
}

/// Why a certificate is not valid at a time, in words for people.
fn invalid(certificate: &Certificate, now: Timestamp) -> Option<String> {
    let subject = ampkg::quoted(certificate.subject());
    let seconds = |time: amps_pki::Timestamp| i64::try_from(time.unix_seconds()).unwrap_or(i64::MAX);
    if seconds(certificate.not_after()) < now.0 {
        Some(format!("the certificate of {subject} has been expired since {}", certificate.not_after()))
    } else if now.0 < seconds(certificate.not_before()) {
        Some(format!("the certificate of {subject} is not valid before {}", certificate.not_before()))
    } else {
        None
    }
}

/// Why a certificate or key cannot be used. Never says anything secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The file cannot be read.
    #[error("cannot read {}", ampkg::quoted(&.path.to_string_lossy()))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is larger than any of its kind.
    #[error("{} has more than {limit} bytes", ampkg::quoted(&.path.to_string_lossy()))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: usize,
    },
    /// The file does not hold what it should.
    #[error("{} cannot be used", ampkg::quoted(&.path.to_string_lossy()))]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FileError,
    },
    /// The store's key cannot be used.
    #[error("the store certificate {} cannot be used", ampkg::quoted(&.path.to_string_lossy()))]
    Store {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Pkcs12Error,
    },
    /// The store's certificate is not valid now: devices would refuse every download.
    #[error("the store certificate {} cannot be used: {reason}", ampkg::quoted(&.path.to_string_lossy()))]
    StoreNotValid {
        /// The file.
        path: PathBuf,
        /// Which certificate, and since or until when.
        reason: String,
    },
    /// A revocation list for certificates that are not verified.
    #[error("there is a revocation list, {}, but no CA certificate for developers", ampkg::quoted(&.path.to_string_lossy()))]
    CrlWithoutCa {
        /// The list.
        path: PathBuf,
    },
}
