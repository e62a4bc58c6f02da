//! The catalog of a data directory, beside a server or without one.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use amps_catalog::SqliteCatalog;
use amps_cli::{Failure, HintExt as _, Outcome};
use amps_core::{
    Clock as _, DataDir, SystemClock,
    accounts::AccountError,
    audit::{Cause, Channel},
};
use clap::Args;

use crate::audit::operator;

/// Whose catalog.
#[derive(Args)]
pub(crate) struct Catalog {
    /// The data directory; a server may run in it
    #[arg(long = "data-directory", visible_alias = "dd", value_name = "DIR")]
    data_directory: PathBuf,
}

impl Catalog {
    /// Opens a catalog that is there.
    pub(super) fn open(&self) -> Result<SqliteCatalog, Failure> {
        Ok(acting(&SqliteCatalog::open(&DataDir::shared_catalog(self.existing()?))?))
    }

    /// The data directory, if it has a catalog.
    pub(crate) fn existing(&self) -> Result<&Path, Failure> {
        if !DataDir::shared_catalog(&self.data_directory).is_file() {
            return Err(Failure::message(format!(
                "there is no catalog in the data directory `{}`",
                self.data_directory.display()
            ))
            .with_hint("name the directory that amps serve is given; it makes the catalog"));
        }
        Ok(&self.data_directory)
    }

    /// Opens a catalog, and makes it if the directory has none yet: users may be there before the server.
    pub(super) fn open_or_create(&self) -> Result<SqliteCatalog, Failure> {
        let file = DataDir::shared_catalog(&self.data_directory);
        if !self.data_directory.is_dir() {
            return Err(Failure::message(format!(
                "there is no data directory `{}`",
                self.data_directory.display()
            ))
            .with_hint("create it, or name the directory that amps serve is given"));
        }
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).hint(format!("make `{}` writable", self.data_directory.display()))?;
        }
        Ok(acting(&SqliteCatalog::open(&file)?))
    }
}

/// The catalog for whoever gives the command: what they change is in the audit trail.
fn acting(catalog: &SqliteCatalog) -> SqliteCatalog {
    catalog.acting(Cause::new(operator(), Channel::Command), SystemClock.now())
}

/// What is refused ends with 1; what could not be tried, with 2.
pub(super) fn failure(error: AccountError) -> Failure {
    let outcome = match &error {
        AccountError::Exists { .. }
        | AccountError::Missing { .. }
        | AccountError::InUse { .. }
        | AccountError::TooMany { .. }
        | AccountError::Password(_) => Outcome::No,
        _ => Outcome::Unknown,
    };
    Failure::from(error).with_outcome(outcome)
}

/// Reads a file, and of one that is larger than a limit no more than shows that it is.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).hint(format!("the file is `{}`", path.display()))?;
    file.take(limit as u64 + 1).read_to_end(&mut bytes).hint(format!("the file is `{}`", path.display()))?;
    Ok(bytes)
}
