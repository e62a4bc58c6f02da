//! `amps token`: tokens for programs and people, with roles.

mod create;
mod list;
mod revoke;

use amps_cli::{Failure, Outcome};
use clap::{Args, Subcommand};

/// Create, list and revoke tokens, with which programs and people are let in.
#[derive(Args)]
pub(crate) struct Token {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Create(create::Create),
    List(list::List),
    Revoke(revoke::Revoke),
}

impl Token {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        match self.command {
            Command::Create(command) => command.run(),
            Command::List(command) => command.run(),
            Command::Revoke(command) => command.run(),
        }
    }
}
