//! `amps serve`.

use std::{path::PathBuf, sync::Arc, time::Duration};

use amps_cli::{Failure, HintExt as _, Outcome};
use amps_core::{Clock as _, SystemClock};
use amps_server::{CONFIG_FILE, Config, Console, ListenAddress, ProjectId, ServeOptions, Settings};
use clap::{Args, CommandFactory as _};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::filter::LevelFilter;

use crate::certificates::{CertificateOptions, OldVariables};

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

    #[command(flatten)]
    certificates: CertificateOptions,
}

impl Serve {
    pub(crate) fn run(mut self) -> Result<Outcome, Failure> {
        let Some(data_directory) = self.data_directory.take() else {
            if !PathBuf::from(CONFIG_FILE).exists() {
                let mut command = crate::Arguments::command();
                command.build();
                if let Some(serve) = command.find_subcommand_mut("serve") {
                    serve.print_help()?;
                }
                return Err(Failure::message("there is no data directory")
                    .with_hint("name one: amps serve --dd DIR; it is created if it is missing")
                    .with_outcome(Outcome::No));
            }
            return self.run_in(PathBuf::from("."));
        };
        self.run_in(data_directory)
    }

    fn run_in(self, data_directory: PathBuf) -> Result<Outcome, Failure> {
        tracing_subscriber::fmt().with_max_level(LevelFilter::WARN).with_writer(std::io::stderr).init();
        let config = Config::read(&data_directory)?;
        let files = self.certificates.or(config.certificates, OldVariables::DoNotCount)?;
        let certificates = files.load(SystemClock.now())?;
        let options = ServeOptions {
            data_directory,
            listen_address: self.listen_address.or(config.listen_address).unwrap_or_default(),
            settings: Settings {
                project_id: self.project_id.or(config.project_id).unwrap_or_default(),
                ..Settings::default()
            },
        };
        let title = format!("amps {}", env!("CARGO_PKG_VERSION"));
        let console = Arc::new(Console::new(amps_cli::stdout()));
        let runtime = tokio::runtime::Runtime::new()?;
        let served = runtime.block_on(async {
            let shutdown = Shutdown::new()?;
            amps_server::serve(options, certificates, &title, console, shutdown.requested())
                .await
                .hint("amps serve --help lists the options")
        });
        // What is still at work when all connections have ended gets a moment. Only reading a large `.packages` at the start needs
        // more than that, and it may be cut off anywhere.
        runtime.shutdown_timeout(Duration::from_secs(1));
        served.map(|()| Outcome::Done)
    }
}

/// Ctrl-C and SIGTERM.
struct Shutdown {
    interrupt: Signal,
    terminate: Signal,
}

impl Shutdown {
    fn new() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Completes with the first signal. The second one ends the process at once: somebody does not want to wait for the
    /// downloads that are running.
    async fn requested(mut self) {
        self.next().await;
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(130);
        });
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
