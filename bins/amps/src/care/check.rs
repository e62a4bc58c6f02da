//! `amps check`.

use std::{io::Write as _, path::Path, thread, time::Duration};

use amps_catalog::SqliteFiles;
use amps_cli::{Failure, Outcome};
use amps_core::{
    Clock as _, DataDir, FolderBlobStore, Limits, PackagesFolder, SystemClock,
    care::{CatalogCare, CatalogFiles as _, CheckSource, Depth, Finding, Level, check, damaged},
    chain,
};
use amps_server::Config;
use clap::Args;

use super::{
    data_directory::{DataDirectory, failure},
    findings::{count, outcome, write_lines},
    progress::Progress,
};

/// How long to wait before something in `.packages` that looks wrong is looked at again.
const PAUSE: Duration = Duration::from_millis(200);

/// Check a store: every package against its hash and the catalog, the catalog itself, and `.packages`; also while a server runs
/// in it. Changes nothing.
///
/// A line for each finding says what to do. Ends with 0 if there is no problem, with 1 if there is one, and with 2 if nobody can
/// tell.
#[derive(Args)]
pub(crate) struct Check {
    #[command(flatten)]
    data_directory: DataDirectory,

    /// Also unpack each package as if it were uploaded, and try how it is signed
    #[arg(long)]
    contents: bool,

    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let data_directory = self.data_directory.absolute()?;
        let catalog = catalog(&data_directory)?;
        let packages = data_directory.join(".packages");
        let amps = data_directory.join(".amps");
        let source = CheckSource {
            catalog: catalog.as_deref().ok(),
            blobs: &FolderBlobStore::beside(&amps),
            packages: &PackagesFolder::beside(packages),
            depth: if self.contents { Depth::Contents } else { Depth::Hashes },
            limits: limits(&data_directory),
            now: SystemClock.now(),
        };
        let mut progress = Progress::of("checked");
        let checked = check(&source, &mut |count| progress.add(count), &mut || thread::sleep(PAUSE));
        drop(progress);
        let mut checked = checked.map_err(failure)?;
        checked.findings.splice(0..0, catalog.as_ref().err().cloned());
        let mut out = amps_cli::stdout();
        if self.json {
            serde_json::to_writer_pretty(&mut out, &checked)?;
            writeln!(out)?;
        } else {
            write_lines(&mut out, &checked.findings)?;
            let (problems, warnings) =
                (count(&checked.findings, Level::Problem), count(&checked.findings, Level::Warning));
            let (releases, blobs) = (checked.releases, checked.blobs);
            writeln!(
                out,
                "releases: {releases}, packages and icons: {blobs}, problems: {problems}, warnings: {warnings}"
            )?;
        }
        Ok(outcome(&checked.findings))
    }
}

/// The catalog, or the finding that it is too damaged to be opened.
fn catalog(data_directory: &Path) -> Result<Result<Box<dyn CatalogCare>, Finding>, Failure> {
    match SqliteFiles.look(&DataDir::shared_catalog(data_directory)) {
        Ok(catalog) => Ok(Ok(catalog)),
        Err(error) if SqliteFiles.is_damage(&error) => Ok(Err(damaged(chain(&error)))),
        Err(error) => Err(error.into()),
    }
}

/// The limits of the server; without a configuration that can be used, the usual ones.
fn limits(data_directory: &Path) -> Limits {
    Config::read(data_directory).map(|config| config.limits.package).unwrap_or_default()
}
