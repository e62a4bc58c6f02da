//! `amps restore`.

use std::{io::Write as _, path::PathBuf};

use amps_catalog::SqliteFiles;
use amps_cli::{Failure, Outcome, Printable};
use amps_core::{
    Clock as _, SystemClock,
    audit::{Cause, Channel},
    care::restore,
};
use amps_server::{CONFIG_FILE, Config};
use clap::Args;

use super::{
    data_directory::failure,
    named_files::{bytes, named_files, text},
    progress::Progress,
};
use crate::audit::operator;

/// Put a backup into a data directory that is empty or not there.
///
/// Everything is compared with its hash before it gets its place. If it is cut off, run it again: no server starts in the
/// directory before it is done. Ends with 0 if all is there, with 1 if the backup or the directory will not do, and with 2 if it
/// could not be tried.
#[derive(Args)]
pub(crate) struct Restore {
    /// The folder that amps backup has made
    source: PathBuf,

    /// The data directory; created if it is missing
    #[arg(long = "data-directory", visible_alias = "dd", value_name = "DIR")]
    data_directory: PathBuf,
}

impl Restore {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let mut progress = Progress::of("restored");
        let by = (&Cause::new(operator(), Channel::Command), SystemClock.now());
        let (from, to) = (&self.source, &self.data_directory);
        let restored = restore(from, to, &SqliteFiles, CONFIG_FILE, by, &mut |count| progress.add(count));
        drop(progress);
        let statement = restored.map_err(failure)?.statement;
        let mut out = amps_cli::stdout();
        writeln!(out, "data directory: {}", Printable(&text(&self.data_directory)))?;
        writeln!(out, "packages and icons: {} ({})", statement.blobs, bytes(statement.blob_bytes))?;
        let Ok(config) = Config::read(&self.data_directory) else {
            writeln!(out, "warning: {CONFIG_FILE} cannot be used: see amps doctor")?;
            return Ok(Outcome::Done);
        };
        for file in named_files(&config) {
            let is_there = if file.path.is_file() { "is there" } else { "put it there before the start" };
            writeln!(
                out,
                "not from the backup: {} ({}): {is_there}",
                Printable(&text(file.path)),
                file.field
            )?;
        }
        Ok(Outcome::Done)
    }
}
