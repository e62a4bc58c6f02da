//! Why a server cannot run.

use std::{io, path::PathBuf};

use super::TlsError;

/// Why a server cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The data directory or what is in it cannot be used.
    #[error(transparent)]
    Store(#[from] amps_core::Error),
    /// The address cannot be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: String,
        /// Why not.
        source: io::Error,
    },
    /// The deployment server lacks what it needs for its signatures.
    #[error("the deployment server needs `{missing}`")]
    Insecure {
        /// The setting that is missing.
        missing: &'static str,
    },
    /// TLS cannot be spoken.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Logins cannot be checked.
    #[error("the deployment server cannot check logins")]
    Accounts(#[from] amps_core::accounts::AccountError),
    /// Nobody can look after the folders.
    #[error("cannot look after the folders `upload` and `remove`")]
    Folders(#[source] io::Error),
    /// Nobody can take packages from commands.
    #[error("cannot take packages from commands")]
    HandOver(#[source] io::Error),
    /// Uploads that come in pieces have no place.
    #[error("cannot open the folder of resumable uploads")]
    PartialUploads(#[source] io::Error),
    /// A programming error.
    #[error("opening the store ended unexpectedly ({0})")]
    Panicked(String),
    /// A limit makes no sense.
    #[error(transparent)]
    Limit(#[from] crate::limits::InvalidLimit),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// There is no data directory to take.
    #[error("{} has no amps-config.yaml: name the data directory with --dd", ampkg::quoted(&.0.to_string_lossy()))]
    NoDataDirectory(PathBuf),
}
