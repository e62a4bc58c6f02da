//! The data directory that a command looks after.

use std::path::{Path, PathBuf};

use amps_catalog::SqliteFiles;
use amps_cli::{Failure, Outcome};
use amps_core::{
    DataDir,
    care::{CareError, CatalogCare, CatalogFiles as _},
};
use clap::Args;

/// Which one.
#[derive(Args)]
pub(super) struct DataDirectory {
    /// The data directory; a server may run in it
    #[arg(long = "data-directory", visible_alias = "dd", value_name = "DIR")]
    pub(super) path: PathBuf,
}

impl DataDirectory {
    /// The directory, absolute; it must have a catalog.
    pub(super) fn absolute(&self) -> Result<PathBuf, Failure> {
        let is_store = DataDir::shared_catalog(&self.path).is_file();
        match self.path.canonicalize() {
            Ok(path) if is_store => Ok(path),
            _ => Err(Failure::message(format!(
                "there is no catalog in the data directory `{}`",
                self.path.display()
            ))
            .with_hint("name the directory that amps serve is given; it makes the catalog")),
        }
    }
}

/// Opens the catalog of a data directory to look at it.
pub(super) fn look(data_directory: &Path) -> Result<Box<dyn CatalogCare>, Failure> {
    Ok(SqliteFiles.look(&DataDir::shared_catalog(data_directory))?)
}

/// What is refused or found damaged ends with 1; what could not be tried, with 2.
pub(super) fn failure(error: CareError) -> Failure {
    let (outcome, hint) = match &error {
        CareError::Exists { .. } => {
            (Outcome::No, Some("with --update a backup of the same store is brought up to date"))
        }
        CareError::NotPrivate { .. } => {
            (Outcome::No, Some("look whose it is; remove it, or name another destination"))
        }
        CareError::OtherStore { .. } => (Outcome::No, Some("give each store a backup of its own")),
        CareError::StoreIsOlder { .. } => (
            Outcome::No,
            Some("what the backup has and the store has not would be lost: make a new backup beside it"),
        ),
        CareError::NotEmpty { .. } => (Outcome::No, Some("name a directory that is empty, or not there")),
        CareError::BlobMissing { .. } | CareError::BlobDamaged { .. } | CareError::CatalogDamaged { .. } => {
            (Outcome::No, Some("amps check says what is damaged, and what to do"))
        }
        CareError::Unusable { .. } | CareError::TooNew { .. } => (Outcome::No, None),
        CareError::TooMuchChange { .. } => {
            (Outcome::Unknown, Some("try again when fewer packages are uploaded and removed"))
        }
        _ => (Outcome::Unknown, None),
    };
    let failure = Failure::from(error).with_outcome(outcome);
    match hint {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}
