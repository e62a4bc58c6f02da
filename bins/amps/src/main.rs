//! `amps`: a package server for devices that run the Qt Application Manager.

mod certificates;
mod serve;
mod store_sign_package;
mod verify_upload_package;

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
    Serve(Box<serve::Serve>),
    StoreSignPackage(Box<store_sign_package::StoreSignPackage>),
    VerifyUploadPackage(Box<verify_upload_package::VerifyUploadPackage>),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let result = match arguments.command {
        Command::Serve(serve) => serve.run(),
        Command::StoreSignPackage(sign) => sign.run(),
        Command::VerifyUploadPackage(verify) => verify.run(),
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
