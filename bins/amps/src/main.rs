//! `amps`: a package server for devices that run the Qt Application Manager.

mod accounts;
mod audit;
mod care;
mod certificates;
mod import_django;
mod log;
mod name;
mod serve;
mod service_manager;
mod store_sign_package;
mod store_upload_package;
mod tls;
mod verify_upload_package;

use std::process::ExitCode;

use amps_cli::{Failure, Outcome};
use clap::{Parser, Subcommand};

use crate::name::Name;

/// A package server for devices that run the Qt Application Manager.
#[derive(Parser)]
#[command(name = "amps", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Audit(audit::Audit),
    ChangeCategory(accounts::ChangeCategory),
    ChangeVendor(accounts::ChangeVendor),
    Backup(care::Backup),
    Check(care::Check),
    CreateCategory(accounts::CreateCategory),
    CreateSuperuser(accounts::CreateSuperuser),
    CreateUser(accounts::CreateUser),
    CreateVendor(accounts::CreateVendor),
    Doctor(Box<care::Doctor>),
    ExpireDownloads(accounts::ExpireDownloads),
    ImportDjango(Box<import_django::ImportDjango>),
    ListCategories(accounts::ListCategories),
    ListUsers(accounts::ListUsers),
    ListVendors(accounts::ListVendors),
    RemoveCategory(accounts::RemoveCategory),
    RemoveUser(accounts::RemoveUser),
    RemoveVendor(accounts::RemoveVendor),
    Restore(care::Restore),
    Retention(Box<care::Retention>),
    SetPassword(accounts::SetPassword),
    SetUser(accounts::SetUser),
    Serve(Box<serve::Serve>),
    StoreSignPackage(Box<store_sign_package::StoreSignPackage>),
    StoreUploadPackage(Box<store_upload_package::StoreUploadPackage>),
    Token(accounts::Token),
    VerifyUploadPackage(Box<verify_upload_package::VerifyUploadPackage>),
}

/// Serve the packages of a data directory.
///
/// Settings come from the options, else from amps-config.yaml in the data directory, else they are the defaults.
#[derive(Parser)]
#[command(
    name = "appman-package-server",
    version = concat!("(amps ", env!("CARGO_PKG_VERSION"), ")"),
    disable_version_flag = true
)]
struct ReferenceArguments {
    #[command(flatten)]
    serve: serve::Serve,

    /// Print version
    #[arg(short = 'v', long, action = clap::ArgAction::Version)]
    version: (),
}

fn main() -> ExitCode {
    match Name::of_process() {
        Name::Amps => amps(),
        Name::PackageServer => match ReferenceArguments::try_parse() {
            Ok(arguments) => amps_cli::finish(arguments.serve.run(Name::PackageServer)),
            Err(error) => usage(&error),
        },
    }
}

fn amps() -> ExitCode {
    if let Some(written) = amps_commands::manual::<Arguments>(std::env::args_os().skip(1)) {
        return amps_cli::finish(written);
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let result = match arguments.command {
        Command::Audit(command) => command.run(),
        Command::ChangeCategory(command) => command.run(),
        Command::ChangeVendor(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::CreateCategory(command) => command.run(),
        Command::CreateSuperuser(command) => command.run(),
        Command::CreateUser(command) => command.run(),
        Command::CreateVendor(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::ExpireDownloads(command) => command.run(),
        Command::ImportDjango(import) => import.run(),
        Command::ListCategories(command) => command.run(),
        Command::ListUsers(command) => command.run(),
        Command::ListVendors(command) => command.run(),
        Command::RemoveCategory(command) => command.run(),
        Command::RemoveUser(command) => command.run(),
        Command::RemoveVendor(command) => command.run(),
        Command::Restore(command) => command.run(),
        Command::Retention(command) => command.run(),
        Command::SetPassword(command) => command.run(),
        Command::SetUser(command) => command.run(),
        Command::Serve(serve) => serve.run(Name::Amps),
        Command::StoreSignPackage(sign) => sign.run(),
        Command::StoreUploadPackage(upload) => upload.run(),
        Command::Token(command) => command.run(),
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
