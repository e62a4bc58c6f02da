//! Why a folder cannot become a package.

use std::{io, path::PathBuf};

use crate::{entry::PathDefect, error::Error, manifest::ManifestError, quote::quoted};

/// Why a folder cannot become a package.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// Something cannot be read.
    #[error("cannot read {}", quoted(&.path.to_string_lossy()))]
    Read {
        /// What it is.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is no manifest.
    #[error("there is no info.yaml in {}", quoted(&.folder.to_string_lossy()))]
    NoManifest {
        /// The folder.
        folder: PathBuf,
    },
    /// The manifest is larger than a reader takes.
    #[error("info.yaml has {found} bytes: expected at most {limit}")]
    LargeManifest {
        /// Its size.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// The manifest cannot be read.
    #[error("the manifest info.yaml is not valid")]
    Manifest(#[from] ManifestError),
    /// A file that the manifest names is not there.
    #[error("the {what} {} is missing", quoted(.path))]
    MissingFile {
        /// What the manifest calls it.
        what: &'static str,
        /// Its path.
        path: String,
    },
    /// The icon is larger than a device takes.
    #[error("the icon {} has {found} bytes: devices take at most {limit}", quoted(.path))]
    LargeIcon {
        /// Its path.
        path: String,
        /// Its size.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// The name of a file cannot stand in a package.
    #[error("the file {} is refused: {defect}", quoted(.path))]
    Path {
        /// The name.
        path: String,
        /// What is wrong with it.
        defect: PathDefect,
    },
    /// Folders in folders, deeper than anybody needs.
    #[error("the folder {} is nested deeper than {limit} levels", quoted(.path))]
    TooDeep {
        /// Its path.
        path: String,
        /// The limit.
        limit: usize,
    },
    /// The package cannot be written.
    #[error(transparent)]
    Package(#[from] Error),
}
