//! The audit trail: who gives a command, and the commands that read the trail of a data directory.

mod export;
mod operator;
mod verify;

use amps_cli::{Failure, Outcome};
use clap::{Args, Subcommand};

pub(crate) use operator::operator;

/// Export and verify the audit trail: who did what, when, from where, and what came of it.
#[derive(Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Export(export::Export),
    Verify(verify::Verify),
}

impl Audit {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        match self.command {
            Command::Export(command) => command.run(),
            Command::Verify(command) => command.run(),
        }
    }
}
