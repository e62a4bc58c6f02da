//! `amps store-sign-package`.

use std::path::PathBuf;

use amps_cli::{Failure, Outcome};
use amps_core::{Clock as _, Error, HardwareId, Limits, SystemClock, store_sign_file, verify_file};
use amps_server::Config;
use clap::Args;

use crate::certificates::{CertificateOptions, OldVariables};

/// Verify a package and sign it for a device, or for all.
#[derive(Args)]
pub(crate) struct StoreSignPackage {
    /// The package
    input: PathBuf,

    /// The signed package; it appears when it is complete, and cannot be the input
    output: PathBuf,

    /// The hardware id of the device; without it, the signature is for all
    device_id: Option<String>,

    /// Data directory whose amps-config.yaml says where the certificates lie
    #[arg(long = "data-directory", visible_alias = "dd", value_name = "DIR")]
    data_directory: Option<PathBuf>,

    #[command(flatten)]
    certificates: CertificateOptions,
}

impl StoreSignPackage {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let config = Config::read(&self.data_directory.unwrap_or_else(|| PathBuf::from(".")))?;
        let files = self.certificates.or(config.certificates, OldVariables::Count)?;
        let now = SystemClock.now();
        let certificates = files.load(now)?;
        let signer = certificates.store.ok_or_else(|| {
            Failure::message("there is no store certificate to sign with")
                .with_hint("name a PKCS#12 file with --sc, or with storeSignCertificate in amps-config.yaml")
        })?;
        let device = self.device_id.filter(|id| !id.is_empty()).map(HardwareId::new).transpose()?;
        let limits = Limits::default();
        let result =
            verify_file(&self.input, certificates.developers.as_ref(), now, &limits).and_then(|verified| {
                store_sign_file(&self.input, &self.output, &verified, &*signer, device.as_ref(), now, &limits)
            });
        match result {
            Ok(()) => Ok(Outcome::Done),
            Err(error @ Error::Refused(_)) => Err(Failure::from(error).with_outcome(Outcome::No)),
            Err(error) => Err(error.into()),
        }
    }
}
