//! `amps store-upload-package`.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use amps_cli::{Failure, HintExt as _, Outcome, Printable};
use amps_core::{Clock as _, DataDir, Error, Event, EventSink, Origin, SystemClock, UploadResult};
use amps_server::{
    Config, HandOverError, Settings, StoreUpload, StoreUploadError, Verdict, hand_over, store_upload,
};
use clap::Args;

use crate::{
    accounts::Catalog,
    audit::operator,
    certificates::{CertificateOptions, OldVariables},
    serve::deployment,
};

/// How often to look again, while somebody has the data directory and does not listen.
const PAUSE: Duration = Duration::from_millis(50);

/// Take a package into the store of the deployment server, as an upload does; ends with 0 if it was taken, with 1 if not, and
/// with 2 if nobody can tell.
///
/// A server that runs in the data directory takes it; otherwise this command does. The options for certificates count only in
/// the latter case.
#[derive(Args)]
pub(crate) struct StoreUploadPackage {
    /// The package
    package: PathBuf,

    #[command(flatten)]
    catalog: Catalog,

    /// The name of the vendor in whose name it is offered
    #[arg(long)]
    vendor: String,

    /// The name of the category that it belongs to
    #[arg(long)]
    category: String,

    /// What devices show about it; may be HTML [default: what the manifest says]
    #[arg(long)]
    description: Option<String>,

    /// What lists show about it [default: the first line of the description]
    #[arg(long)]
    short_description: Option<String>,

    /// How long to wait for another command, or for a server that is about to start
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(..=86_400))]
    wait: u32,

    #[command(flatten)]
    certificates: CertificateOptions,
}

impl StoreUploadPackage {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let data_directory = self.catalog.existing()?.to_owned();
        let package = open(&self.package)?;
        let name = self.package.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let upload = StoreUpload {
            name,
            vendor: self.vendor,
            category: self.category,
            short_description: self.short_description,
            description: self.description,
        };
        match find_store(&data_directory, &upload, &package, Duration::from_secs(self.wait.into()))? {
            Found::Server(verdict) => report(&verdict),
            Found::Directory(data) => report(&by_hand(data, self.certificates, &upload, package)?),
        }
    }
}

/// Who takes the package.
enum Found {
    /// A server has.
    Server(Verdict),
    /// This process has to.
    Directory(DataDir),
}

/// Hands the package to a server, or takes the data directory; waits while somebody has that and does not listen: another command like
/// this one, or a server in its first moments.
fn find_store(
    data_directory: &Path,
    upload: &StoreUpload,
    package: &File,
    patience: Duration,
) -> Result<Found, Failure> {
    let begin = Instant::now();
    loop {
        if let Some(verdict) = hand_over(data_directory, upload, package).map_err(not_handed_over)? {
            return Ok(Found::Server(verdict));
        }
        match DataDir::open(data_directory) {
            Ok(data) => return Ok(Found::Directory(data)),
            Err(Error::Locked { .. }) if begin.elapsed() < patience => thread::sleep(PAUSE),
            Err(error @ Error::Locked { .. }) => {
                return Err(Failure::from(error).with_hint(
                    "that is no server that packages can be handed to: end it, or wait for it with --wait",
                ));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn not_handed_over(error: HandOverError) -> Failure {
    let hint = match &error {
        HandOverError::Connect { .. } => {
            Some("only the user whom the server runs as, and root, may hand packages over")
        }
        HandOverError::Ended(_) => Some("give the command again: what was taken already is not taken twice"),
        _ => None,
    };
    let failure = Failure::from(error);
    hint.into_iter().fold(failure, Failure::with_hint)
}

fn by_hand(
    data: DataDir,
    options: CertificateOptions,
    upload: &StoreUpload,
    package: File,
) -> Result<Verdict, Failure> {
    let config = Config::read(data.path())?;
    let (deployment, _) = deployment(config.deployment)?;
    let files = options.or(config.certificates, OldVariables::Count)?;
    let developers = files.load_developers(SystemClock.now())?.developers;
    let settings = Settings { limits: config.limits, deployment, ..Settings::default() };
    store_upload(data, &settings, developers, Arc::new(Changes), operator(), upload, package).map_err(failure)
}

fn failure(error: StoreUploadError) -> Failure {
    let hint = match &error {
        StoreUploadError::NoDeploymentServer => Some("without it nobody would be offered the package"),
        StoreUploadError::Insecure => {
            Some("name the files with --dc, or set `noSecurity: true` in `deploymentServer`")
        }
        _ => None,
    };
    let failure = Failure::from(error);
    hint.into_iter().fold(failure, Failure::with_hint)
}

/// Says what has become of `.packages` since a server ran: what is still there needs no word.
pub(crate) struct Changes;

impl EventSink for Changes {
    fn event(&self, origin: Origin, event: &Event) {
        let line = match (origin, event) {
            (Origin::Start, Event::Removed { id, architecture }) => {
                format!("{id} [{architecture}] is removed: its file in .packages is gone")
            }
            (Origin::Start, Event::Updated { id, architecture }) => {
                format!("{id} [{architecture}] is updated from .packages")
            }
            (Origin::Start, Event::Refused { name, reason }) => {
                format!("{} in .packages is refused: {}", Printable(name), Printable(reason))
            }
            (Origin::Start, Event::Warned { name, message }) => {
                format!("{}: {}", Printable(name), Printable(message))
            }
            _ => return,
        };
        // Nobody is left to be told of it.
        let _ = writeln!(amps_cli::stdout(), "warning: {line}");
    }
}

/// Opens a file and nothing else: of what has no size nobody could say that it has ended.
fn open(path: &Path) -> Result<File, Failure> {
    let named = || format!("the package is `{}`", path.display());
    if !fs::metadata(path).hint(named())?.is_file() {
        return Err(Failure::message(format!("`{}` is not a file", path.display())));
    }
    File::open(path).hint(named())
}

fn report(verdict: &Verdict) -> Result<Outcome, Failure> {
    let mut out = amps_cli::stdout();
    match verdict {
        Verdict::Taken { id, version, architecture, result, warnings } => {
            writeln!(out, "id: {}", Printable(id))?;
            writeln!(out, "version: {}", Printable(version))?;
            writeln!(out, "architecture: {}", Printable(architecture))?;
            for warning in warnings {
                writeln!(out, "warning: {}", Printable(warning))?;
            }
            let word = match result {
                UploadResult::Added => "added",
                UploadResult::Updated => "updated",
                UploadResult::Unchanged => "no changes",
            };
            writeln!(out, "taken: {word}")?;
            Ok(Outcome::Done)
        }
        Verdict::Refused { reason } => {
            writeln!(out, "not valid: {}", Printable(reason))?;
            Ok(Outcome::No)
        }
        Verdict::NoPlace { reason } => {
            Err(Failure::message(Printable(reason).to_string()).with_outcome(Outcome::No))
        }
        Verdict::Failed { reason } => Err(Failure::message(Printable(reason).to_string())),
    }
}
