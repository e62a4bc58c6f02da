//! `amps-packager`: creates and inspects packages of the Qt Application Manager.

mod create_package;
mod create_pki;
mod input;
mod inspect;
mod inspect_signature_text;
mod inspect_text;
mod json;
mod keys;
mod name;
mod sign;
mod verify;
mod yaml_to_json;

use std::process::ExitCode;

use amps_cli::{Failure, Outcome};
use clap::{Parser, Subcommand};

use crate::name::Name;

/// Create and inspect packages of the Qt Application Manager.
#[derive(Parser)]
#[command(name = Name::of_process().program(), version = Name::of_process().version())]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    CreatePackage(create_package::CreatePackage),
    CreatePki(create_pki::CreatePki),
    DevSignPackage(sign::DevSignPackage),
    DevVerifyPackage(verify::DevVerifyPackage),
    Inspect(inspect::Inspect),
    StoreSignPackage(sign::StoreSignPackage),
    StoreVerifyPackage(verify::StoreVerifyPackage),
    YamlToJson(yaml_to_json::YamlToJson),
}

fn main() -> ExitCode {
    if let Some(written) = amps_commands::manual::<Arguments>(std::env::args_os().skip(1)) {
        return amps_cli::finish(written);
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            return match (error.print(), error.use_stderr()) {
                (Ok(()), false) => Outcome::Done.into(),
                _ => Outcome::No.into(),
            };
        }
    };
    let result = match arguments.command {
        Command::CreatePackage(command) => command.run(),
        Command::CreatePki(command) => command.run(),
        Command::DevSignPackage(command) => command.run(),
        Command::DevVerifyPackage(command) => command.run(),
        Command::Inspect(command) => command.run(),
        Command::StoreSignPackage(command) => command.run(),
        Command::StoreVerifyPackage(command) => command.run(),
        Command::YamlToJson(command) => command.run(),
    };
    // The reference ends with 1 whatever went wrong, and scripts look at that.
    amps_cli::finish(result.map_err(|failure| failure.with_outcome(Outcome::No)))
}

/// Why something could not be shown: whoever reads our output may have gone away, which is no error.
fn shown(result: std::io::Result<()>) -> Result<Outcome, Failure> {
    match result {
        Ok(()) => Ok(Outcome::Done),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Outcome::Done),
        Err(error) => Err(error.into()),
    }
}
