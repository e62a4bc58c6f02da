//! `amps`: a package server for devices that run the Qt Application Manager.

mod serve;

use std::process::ExitCode;

use amps_cli::{Failure, Outcome};
use clap::{Parser, Subcommand};

/// A package server for devices that run the Qt Application Manager.
#[derive(Parser)]
#[command(name = "amps", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let result = match arguments.command {
        Command::Serve(serve) => serve.run(),
    };
    amps_cli::finish(result)
}

/// Prints help, version or what is wrong with the options; the latter ends with 1, as the reference's does.
fn usage(error: &clap::Error) -> ExitCode {
    let printed = error.print();
    match (printed, error.use_stderr()) {
        (Ok(()), false) => Outcome::Done.into(),
        (Ok(()), true) => Outcome::No.into(),
        (Err(error), _) => amps_cli::finish(Err(Failure::from(error))),
    }
}
