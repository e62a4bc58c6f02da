//! `amps import-django`.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use amps_catalog::SqliteCatalog;
use amps_cli::{Failure, HintExt as _, Outcome, Printable};
use amps_core::{
    Clock as _, DataDir, Error, Event, EventSink, FolderBlobStore, Limits, Origin, PackagesFolder, Parts,
    ReleasesKept, Security, Store, SystemClock, TrustAnchors,
    audit::{AtOnce, Cause, Channel},
};
use amps_import::{DatabaseError, Import, Line, MediaFolder, Source, Subject, Summary};
use amps_server::Config;
use clap::Args;

use crate::{audit::operator, certificates::CertificateOptions, serve::deployment};

/// Take over users, vendors, categories and packages of a Qt Automotive Suite Deployment Server (the Django project).
///
/// What is there already stays as it is, so it can be run again. Packages are verified as uploads are; ends with 1 if anything was
/// refused. No server may run in the data directory meanwhile.
#[derive(Args)]
pub(crate) struct ImportDjango {
    /// The server's SQLite database; it is only read
    database: PathBuf,

    /// The folder with the server's packages and icons (`MEDIA_ROOT`)
    media: PathBuf,

    /// The data directory; created if it is missing
    #[arg(long = "data-directory", visible_alias = "dd", value_name = "DIR")]
    data_directory: PathBuf,

    #[command(flatten)]
    certificates: CertificateOptions,
}

impl ImportDjango {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let config = Config::read(&self.data_directory)?;
        let (deployment, old) = deployment(config.deployment)?;
        let files = self.certificates.or(config.certificates, old)?;
        let certificates = files.load_developers(SystemClock.now())?;
        let security = match (&deployment, &certificates.developers) {
            (Some(settings), _) if settings.no_security => Security::Off,
            (Some(_), None) => return Err(insecure()),
            (None, None) => Security::Off,
            (_, Some(_)) => Security::On,
        };
        let source = Source::read(&self.database).map_err(database_failure)?;
        let media = MediaFolder::open(&self.media)?;
        let mut out = amps_cli::stdout();
        let limits = config.limits.package;
        let package_bytes = limits.package_bytes;
        let (data, catalog, store) = open(&self.data_directory, limits, certificates.developers)?;
        for warning in certificates.warnings {
            writeln!(out, "warning: {}", Printable(&warning))?;
        }
        let cause = Cause::new(operator(), Channel::Import);
        let import = Import {
            accounts: &catalog.acting(cause.clone(), SystemClock.now()),
            store: &store,
            cause: &cause,
            media: &media,
            security,
            package_bytes,
        };
        let mut written = Ok(());
        let imported = import.run(&source, SystemClock.now(), &mut |line| {
            if written.is_ok() {
                written = tell(&mut out, line);
            }
        });
        written?;
        let hint = "what was taken over until then stays; run it again to take over the rest";
        let summary = imported.hint(hint)?;
        for table in source.unknown_tables() {
            writeln!(
                out,
                "note: nothing was taken over of the table {}, which is not known",
                Printable(table)
            )?;
        }
        if deployment.is_none() {
            let note =
                "amps-config.yaml has no `deploymentServer`: until it has, there is a package server only";
            writeln!(out, "note: {note}")?;
        }
        summarize(&mut out, &summary, security)?;
        // The lock goes after the store.
        drop(store);
        drop(data);
        Ok(if summary.has_refused() { Outcome::No } else { Outcome::Done })
    }
}

/// Opens a data directory that no server has.
fn open(
    directory: &Path,
    limits: Limits,
    developers: Option<TrustAnchors>,
) -> Result<(DataDir, Arc<SqliteCatalog>, Store), Failure> {
    let data = DataDir::open(directory).map_err(|error| match error {
        error @ Error::Locked { .. } => {
            Failure::from(error).with_hint("stop the server, run this again, then start the server")
        }
        error => error.into(),
    })?;
    let catalog = Arc::new(SqliteCatalog::open(&data.catalog())?);
    let store = Store::open(Parts {
        catalog: catalog.clone(),
        blobs: Arc::new(FolderBlobStore::open(&data.amps()).map_err(Error::from)?),
        packages: PackagesFolder::open(data.packages()).map_err(Error::from)?,
        clock: Arc::new(SystemClock),
        events: Arc::new(AtOnce::new(catalog.clone(), Arc::new(AtStart))),
        limits,
        developers,
        // What is taken in is not signed before it is downloaded.
        signing: None,
        keep: ReleasesKept::All,
    })?;
    Ok((data, catalog, store))
}

/// Shows what the store finds amiss when it is opened; what is said of packages that are taken over, the import says itself.
struct AtStart;

impl EventSink for AtStart {
    fn event(&self, origin: Origin, event: &Event) {
        let text = match (origin, event) {
            (Origin::Start, Event::Warned { name, message }) => format!("{name}: {message}"),
            (Origin::Start, Event::Refused { name, reason }) => format!("{name} in .packages: {reason}"),
            (Origin::Start, Event::Removed { id, architecture }) => {
                format!("{id} {architecture} was removed, because its file in .packages is gone")
            }
            _ => return,
        };
        // If nobody can be told, the next line says so.
        let _ = writeln!(amps_cli::stdout(), "warning: {}", Printable(&text));
    }
}

fn tell(out: &mut impl io::Write, line: &Line) -> io::Result<()> {
    match line {
        Line::Added { subject, name } => writeln!(out, "added {subject} {}", Printable(name)),
        Line::Refused { subject, name, reason } => {
            writeln!(out, "refused {subject} {}: {}", Printable(name), Printable(reason))
        }
        Line::Noted { subject, name, note } => {
            writeln!(out, "note on {subject} {}: {}", Printable(name), Printable(note))
        }
    }
}

fn summarize(out: &mut impl io::Write, summary: &Summary, security: Security) -> io::Result<()> {
    for subject in Subject::ALL {
        let count = summary.of(subject);
        writeln!(
            out,
            "{}: {} added, {} there already, {} refused",
            subject.plural(),
            count.added,
            count.known,
            count.refused
        )?;
    }
    let word = match security {
        Security::On => "verified",
        Security::Off => "not verified",
    };
    writeln!(out, "developer signatures: {word}")
}

fn insecure() -> Failure {
    Failure::message("the deployment server needs `developerVerificationCaCertificates`").with_hint(
        "set it, or `noSecurity: true` in `deploymentServer` to take unsigned packages and not to sign them",
    )
}

fn database_failure(error: DatabaseError) -> Failure {
    let hint = match &error {
        error if error.is_busy() => {
            "stop the Django server, or name a copy of its database that `.backup` of sqlite3 has made"
        }
        error if error.is_half_written() => {
            "a program was cut off while it wrote: open the database once with sqlite3 and read from it, which takes back what is \
            half-done"
        }
        DatabaseError::Sqlite { .. } => {
            "the files beside it that end in `-journal`, `-wal` and `-shm` belong to a database; SQLite writes the last"
        }
        _ => "name the SQLite database of the Django server, as DATABASES in its settings.py does",
    };
    Failure::from(error).with_hint(hint)
}
