//! `amps verify-upload-package`.

use std::{io::Write as _, path::PathBuf};

use amps_cli::{Failure, Outcome, Printable};
use amps_core::{Clock as _, Error, Limits, Refusal, SystemClock, check_deployment_rules, verify_file};
use amps_server::Config;
use clap::Args;

use crate::certificates::{CertificateOptions, OldVariables};

/// Check a package as an upload is checked; ends with 0 if it would be taken, with 1 if not, and with 2 if nobody can tell.
#[derive(Args)]
pub(crate) struct VerifyUploadPackage {
    /// The package
    package: PathBuf,

    /// Data directory whose amps-config.yaml says where the certificates lie
    #[arg(long = "data-directory", visible_alias = "dd", value_name = "DIR")]
    data_directory: Option<PathBuf>,

    /// Demand what the deployment server demands, too; without it, that is only told
    #[arg(long)]
    deployment_server: bool,

    #[command(flatten)]
    certificates: CertificateOptions,
}

impl VerifyUploadPackage {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let config = Config::read(&self.data_directory.unwrap_or_else(|| PathBuf::from(".")))?;
        let files = self.certificates.or(config.certificates, OldVariables::Count)?;
        let now = SystemClock.now();
        let certificates = files.load_developers(now)?;
        let is_unsigned_taken =
            self.deployment_server && config.deployment.is_some_and(|deployment| deployment.no_security);
        let developers = certificates.developers.as_ref().filter(|_| !is_unsigned_taken);
        let mut out = amps_cli::stdout();
        for warning in &certificates.warnings {
            writeln!(out, "warning: {}", Printable(warning))?;
        }
        let verified = verify_file(&self.package, developers, now, &Limits::default()).and_then(|verified| {
            let deployment = check_deployment_rules(&verified);
            match deployment {
                Err(error) if self.deployment_server => Err(Refusal::Deployment(error).into()),
                deployment => Ok((verified, deployment)),
            }
        });
        match verified {
            Ok((verified, deployment)) => {
                let package = &verified.package;
                writeln!(out, "id: {}", package.manifest.id)?;
                writeln!(out, "version: {}", Printable(&package.manifest.version))?;
                writeln!(out, "architecture: {}", verified.architecture.package_server_token())?;
                writeln!(out, "archive: ok ({} entries)", package.entries.len())?;
                writeln!(out, "digest: ok ({})", package.digest_fit())?;
                let developer = match (developers, &verified.developer) {
                    (Some(_), _) => "ok",
                    (None, Some(_)) if is_unsigned_taken => "not verified: `noSecurity` is set",
                    (None, Some(_)) => "not verified: no CA certificate was given",
                    (None, None) => "none",
                };
                writeln!(out, "developer signature: {developer}")?;
                match deployment {
                    Ok(()) => writeln!(out, "deployment server: ok")?,
                    Err(error) => {
                        let reason = error.to_string();
                        writeln!(out, "deployment server: would not take it: {}", Printable(&reason))?;
                    }
                }
                for warning in &package.warnings {
                    writeln!(out, "warning: {}", Printable(&warning.to_string()))?;
                }
                writeln!(out, "valid")?;
                Ok(Outcome::Done)
            }
            Err(error @ Error::Refused(_)) => {
                writeln!(out, "not valid: {}", Printable(&error.chain()))?;
                Ok(Outcome::No)
            }
            Err(error) => Err(error.into()),
        }
    }
}
