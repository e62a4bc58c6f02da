//! `amps-store-sign`: signs packages as their store, on a host that has keys and no server.

use std::process::ExitCode;

use amps_cli::{Failure, Outcome};
use amps_commands::StoreSign;
use amps_core::CertificateFiles;
use clap::Parser;

/// Verify a package and sign it as the store, for one device or for all.
///
/// The package must be well-formed and its digest right; where CA certificates of developers are given, one of these developers must
/// have signed it. The signature that devices will see takes the place of one that is there; the content stays as it is, byte for byte.
///
/// The same as `amps store-sign-package`, without a data directory and its amps-config.yaml.
#[derive(Parser)]
#[command(name = "amps-store-sign", version, after_long_help = HELP)]
struct Arguments {
    #[command(flatten)]
    sign: StoreSign,
}

const HELP: &str = "\
Environment, where the options say nothing:
  AMPS_STORE_SIGN_PASSWORD                the password
  APPSTORE_STORE_SIGN_PKCS12_CERTIFICATE  PKCS#12 file with the store's key
  APPSTORE_STORE_SIGN_PKCS12_PASSWORD     its password, if AMPS_STORE_SIGN_PASSWORD is not set
  APPSTORE_DEV_VERIFY_CA_CERTIFICATES     CA certificates, separated by colons

Exit codes:
  0  signed
  1  the package is refused: it is damaged, or its developer is not trusted
  2  something else: a file, a key, an option

Example:
  amps-store-sign --sc store.p12 --store-sign-password-file secret --dc ca.crt in.ampkg out.ampkg device-0815";

fn main() -> ExitCode {
    if let Some(written) = amps_commands::manual::<Arguments>(std::env::args_os().skip(1)) {
        return amps_cli::finish(written);
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let hint = "name a PKCS#12 file with --sc, or with the variable APPSTORE_STORE_SIGN_PKCS12_CERTIFICATE";
    amps_cli::finish(arguments.sign.run(CertificateFiles::default(), hint))
}

/// Prints help, version or what is wrong with the options.
fn usage(error: &clap::Error) -> ExitCode {
    match (error.print(), error.use_stderr()) {
        (Ok(()), false) => Outcome::Done.into(),
        (Ok(()), true) => Outcome::Unknown.into(),
        (Err(error), _) => amps_cli::finish(Err(Failure::from(error))),
    }
}
