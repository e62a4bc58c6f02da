//! `amps serve`.

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use amps_cli::{Failure, Outcome};
use amps_commands::variable;
use amps_core::{Clock as _, DataDir, SystemClock};
use amps_server::{
    AnonymousAccess, CONFIG_FILE, Config, ConfigChanges, Console, DeploymentSettings, HealthPages, Lines,
    ListenAddress, NativeApi, ProjectId, Readable, ServeError, ServeOptions, Settings, WebInterface,
};
use clap::{Args, CommandFactory as _};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    certificates::{self, CertificateOptions, OldVariables},
    log::LogOptions,
    name::Name,
    service_manager,
    tls::TlsOptions,
};

/// Serve the packages of a data directory.
///
/// Settings come from the options, else from amps-config.yaml in the data directory, else they are the defaults.
#[derive(Args)]
pub(crate) struct Serve {
    /// The data directory; created if it is missing. Without it the current directory is taken, if it has an
    /// amps-config.yaml
    #[arg(long = "data-directory", visible_alias = "dd", value_name = "DIR")]
    data_directory: Option<PathBuf>,

    /// Where to listen: an IP address, `any` or `localhost`, optionally with `:port`; port 0 takes a free one [default:
    /// localhost:8020]
    #[arg(long, visible_alias = "la", value_name = "ADDRESS")]
    listen_address: Option<ListenAddress>,

    /// What clients must name to be spoken to [default: PROJECT]
    #[arg(long, visible_alias = "pi", value_name = "ID")]
    project_id: Option<ProjectId>,

    /// What somebody may do who shows no token: `none`, `read` or `all` [default: all on loopback, read elsewhere; all if started as
    /// appman-package-server]
    #[arg(long, value_name = "WHAT")]
    anonymous_access: Option<AnonymousAccess>,

    #[command(flatten)]
    certificates: CertificateOptions,

    #[command(flatten)]
    tls: TlsOptions,

    /// Write the settings that differ from the defaults to amps-config.yaml in the data directory, then serve. A password is
    /// written only if --sp gives it
    #[arg(long, visible_alias = "cc")]
    create_config: bool,

    #[command(flatten)]
    log: LogOptions,
}

impl Serve {
    /// Serves as the program of this name.
    pub(crate) fn run(mut self, name: Name) -> Result<Outcome, Failure> {
        let Some(data_directory) = self.data_directory.take() else {
            if !PathBuf::from(CONFIG_FILE).exists() {
                print_usage(name)?;
                return Err(Failure::message("there is no data directory")
                    .with_hint(format!(
                        "name one: {} --dd DIR; it is created if it is missing",
                        name.command()
                    ))
                    .with_outcome(Outcome::No));
            }
            return self.run_in(PathBuf::from("."), name);
        };
        self.run_in(data_directory, name)
    }

    fn run_in(self, data_directory: PathBuf, name: Name) -> Result<Outcome, Failure> {
        self.log.start(name)?;
        let config = Config::read(&data_directory)?;
        let changes = self.changes(&data_directory)?;
        let (deployment, old) = deployment(config.deployment)?;
        let files = self.certificates.or(config.certificates, old)?;
        let mut certificates = files.load(SystemClock.now())?;
        let tls = self.tls.fields().or(config.tls).settings()?;
        if let Some(tls) = &tls {
            tls.check()?;
        }
        if let Some(changes) = changes {
            // Not in the directory of a server that runs.
            let data = DataDir::open(&data_directory)?;
            if changes.write(data.path())? == Readable::ByOwner {
                let message =
                    "amps-config.yaml holds the password of the store's key: only its owner can read it";
                certificates.warnings.push(message.into());
            }
        }
        let options = ServeOptions {
            data_directory,
            listen_address: self.listen_address.or(config.listen_address).unwrap_or_default(),
            settings: Settings {
                project_id: self.project_id.or(config.project_id).unwrap_or_default(),
                limits: config.limits,
                retention: config.retention,
                trusted_proxies: config.trusted_proxies,
                audit: config.audit,
                anonymous_access: self
                    .anonymous_access
                    .or(config.anonymous_access)
                    .or_else(|| undecided_access(name)),
                native_api: config.native_api.unwrap_or_else(|| undecided_api(name)),
                web_interface: config.web_interface.unwrap_or_else(|| undecided_interface(name)),
                deployment,
                tls,
                management: config.management,
                health_pages: match name {
                    Name::Amps => HealthPages::Shown,
                    Name::PackageServer => HealthPages::Hidden,
                },
            },
        };
        let lines = match name {
            Name::Amps => Lines::All,
            Name::PackageServer => Lines::Reference,
        };
        let console = Console::new(amps_cli::stdout()).with_lines(lines);
        let console = Arc::new(console.with_listening(service_manager::listens));
        let runtime = tokio::runtime::Runtime::new()?;
        let served = runtime.block_on(async {
            let shutdown = Shutdown::new()?;
            amps_server::serve(options, certificates, name.title(), console, shutdown.requested())
                .await
                .map_err(|error| failure(error, name))
        });
        // What is still at work when all connections have ended gets a moment. Only reading a large `.packages` at the start needs
        // more than that, and it may be cut off anywhere.
        runtime.shutdown_timeout(Duration::from_secs(1));
        served.map(|()| Outcome::Done)
    }

    /// What is to be written into the configuration, if anything is.
    fn changes(&self, data_directory: &Path) -> Result<Option<ConfigChanges>, Failure> {
        if !self.create_config {
            return Ok(None);
        }
        let mut changes = ConfigChanges::default();
        if let Some(address) = self.listen_address {
            changes.listen_address(address);
        }
        if let Some(id) = &self.project_id {
            changes.project_id(id);
        }
        if let Some(access) = self.anonymous_access {
            changes.anonymous_access(access);
        }
        certificates::enter(&self.certificates, &mut changes, data_directory)?;
        changes.tls(&self.tls.clone().fields(), data_directory)?;
        Ok(Some(changes))
    }
}

/// What strangers may do if nobody has decided it. Who starts the program under the name of the reference wants what that does:
/// its scripts upload from other machines, and know of no token. Otherwise the server decides by where it listens.
fn undecided_access(name: Name) -> Option<AnonymousAccess> {
    match name {
        Name::Amps => None,
        Name::PackageServer => Some(AnonymousAccess::All),
    }
}

/// How the deployment server behaves, if it is there: then the variables of the Django server count.
pub(crate) fn deployment(
    configured: Option<DeploymentSettings>,
) -> Result<(Option<DeploymentSettings>, OldVariables), Failure> {
    let Some(mut settings) = configured else { return Ok((None, OldVariables::DoNotCount)) };
    settings.set_by_variables::<Failure>(variable)?;
    Ok((Some(settings), OldVariables::Count))
}

/// Whether the native API is there if nobody has decided it. Under the name of the reference there is what that has.
fn undecided_api(name: Name) -> NativeApi {
    match name {
        Name::Amps => NativeApi::On,
        Name::PackageServer => NativeApi::Off,
    }
}

/// The same for the web interface.
fn undecided_interface(name: Name) -> WebInterface {
    match name {
        Name::Amps => WebInterface::On,
        Name::PackageServer => WebInterface::Off,
    }
}

fn print_usage(name: Name) -> std::io::Result<()> {
    match name {
        Name::PackageServer => crate::ReferenceArguments::command().print_help(),
        Name::Amps => {
            let mut command = crate::Arguments::command();
            command.build();
            command.find_subcommand_mut("serve").map_or(Ok(()), clap::Command::print_help)
        }
    }
}

/// The error, and what to do about it.
fn failure(error: ServeError, name: Name) -> Failure {
    let hint = match &error {
        ServeError::Insecure { missing } => format!(
            "set `{missing}`, or `noSecurity: true` in `deploymentServer` to take unsigned packages and not to sign them"
        ),
        ServeError::Listen { .. } => {
            "give another address with --listen-address, or end what listens there".into()
        }
        ServeError::Config(_) | ServeError::Limit(_) | ServeError::NoDataDirectory(_) => {
            format!("{} --help lists the options", name.command())
        }
        _ => "amps doctor looks for the reason: give it the same options".into(),
    };
    Failure::from(error).with_hint(hint)
}

/// Ctrl-C, SIGTERM, and the end of the terminal.
struct Shutdown {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    /// Whether SIGHUP says that the terminal is gone. Else somebody wants the settings to be read again, as other servers do it.
    has_terminal: bool,
}

impl Shutdown {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            has_terminal: std::io::stdin().is_terminal(),
        })
    }

    /// Completes with the first signal. The second one ends the process at once: somebody does not want to wait for the
    /// downloads that are running.
    async fn requested(mut self) {
        self.next().await;
        service_manager::ends();
        // The shell and the system may both tell that the terminal is gone.
        self.has_terminal = false;
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(130);
        });
    }

    async fn next(&mut self) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return,
                _ = self.terminate.recv() => return,
                _ = self.hangup.recv() => {
                    if self.has_terminal {
                        return;
                    }
                    tracing::warn!(
                        "SIGHUP changes nothing: the files for TLS are read again by themselves, the settings at the next start"
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_the_name_of_the_reference_everything_is_open_as_there() {
        assert_eq!(undecided_access(Name::PackageServer), Some(AnonymousAccess::All));
        assert_eq!(undecided_access(Name::Amps), None);
        assert_eq!(undecided_api(Name::PackageServer), NativeApi::Off);
        assert_eq!(undecided_api(Name::Amps), NativeApi::On);
    }
}
