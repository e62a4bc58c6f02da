//! `amps backup`.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use amps_cli::{Failure, Outcome, Printable};
use amps_core::{
    Clock as _, FolderBlobStore, SystemClock,
    care::{BackupSource, Existing, Linking, Verify, back_up},
};
use amps_server::{CONFIG_FILE, Config};
use clap::Args;

use super::{
    data_directory::{DataDirectory, failure, look},
    named_files::{bytes, named_files, text},
    progress::Progress,
};
use crate::accounts::read;

/// Make a copy of a store, also while a server runs in it.
///
/// The copy has the catalog, all packages and icons, and amps-config.yaml; not the keys and certificates that this names.
/// Ends with 0 if the copy is complete, with 1 if it is refused or the store is damaged, and with 2 if it could not be made.
#[derive(Args)]
pub(crate) struct Backup {
    /// The folder that is made; until it is complete it has `.unfinished` behind its name
    destination: PathBuf,

    #[command(flatten)]
    data_directory: DataDirectory,

    /// Bring an earlier backup up to date, if there is one: what it has is not copied again
    #[arg(long)]
    update: bool,

    /// Read again what the earlier backup has, and copy it again where it is damaged
    #[arg(long)]
    verify: bool,

    /// Make hard links instead of copies where that works: fast, but no protection against a disk that fails
    #[arg(long)]
    link: bool,
}

/// The largest configuration that is taken along; a server reads none that is larger.
const CONFIGURATION_BYTES: usize = 1024 * 1024;

impl Backup {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let data_directory = self.data_directory.absolute()?;
        // It is copied as it is; whether it can be used is amps doctor's question.
        let config = Config::read(&data_directory);
        let configuration = configuration(&data_directory.join(CONFIG_FILE))?;
        let catalog = look(&data_directory)?;
        let source = BackupSource {
            catalog: &*catalog,
            blobs: &FolderBlobStore::beside(&data_directory.join(".amps")),
            configuration,
            made_by: concat!("amps ", env!("CARGO_PKG_VERSION")).into(),
            made_at: SystemClock.now(),
            data_directory,
        };
        let existing = if self.update { Existing::Update } else { Existing::Refuse };
        let linking = if self.link { Linking::Link } else { Linking::Copy };
        let verify = if self.verify { Verify::Hashes } else { Verify::Sizes };
        let mut progress = Progress::of("read");
        let made = back_up(&source, &self.destination, existing, linking, verify, &mut |count| {
            progress.add(count);
        });
        drop(progress);
        let made = made.map_err(failure)?;
        let mut out = amps_cli::stdout();
        let statement = &made.statement;
        writeln!(out, "backup: {}", Printable(&text(&self.destination)))?;
        writeln!(out, "packages and icons: {} ({})", statement.blobs, bytes(statement.blob_bytes))?;
        writeln!(out, "added: {}, removed: {}", made.added, made.removed)?;
        let Ok(config) = config else {
            writeln!(out, "warning: {CONFIG_FILE} is in it, but cannot be used: see amps doctor")?;
            return Ok(Outcome::Done);
        };
        for file in named_files(&config) {
            writeln!(out, "not in it: {} ({})", Printable(&text(file.path)), file.field)?;
        }
        Ok(Outcome::Done)
    }
}

/// The text of the configuration, if there is one.
fn configuration(file: &Path) -> Result<Option<Vec<u8>>, Failure> {
    if !file.exists() {
        return Ok(None);
    }
    let text = read(file, CONFIGURATION_BYTES)?;
    if text.len() > CONFIGURATION_BYTES {
        let message = format!("`{}` has more than {CONFIGURATION_BYTES} bytes", file.display());
        return Err(Failure::message(message).with_outcome(Outcome::No));
    }
    Ok(Some(text))
}
