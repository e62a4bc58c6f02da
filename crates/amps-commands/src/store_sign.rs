//! Signing a package as the store.

use std::{io::Write as _, path::PathBuf};

use amps_cli::{Failure, Outcome, Printable};
use amps_core::{
    CertificateFiles, Clock as _, Error, HardwareId, Limits, SystemClock, store_sign_file, verify_file,
};
use clap::Args;

use crate::{CertificateOptions, OldVariables};

/// Verify a package and sign it for a device, or for all.
#[derive(Args)]
pub struct StoreSign {
    /// The package
    input: PathBuf,

    /// The signed package; it appears when it is complete, and cannot be the input
    output: PathBuf,

    /// The hardware id of the device; without it, the signature is for all
    device_id: Option<String>,

    #[command(flatten)]
    certificates: CertificateOptions,
}

impl StoreSign {
    /// Verifies and signs. `configured` is what counts where neither options nor environment say anything; `no_key_hint` says how
    /// to name a key where nobody did.
    pub fn run(self, configured: CertificateFiles, no_key_hint: &str) -> Result<Outcome, Failure> {
        let files = self.certificates.or(configured, OldVariables::Count)?;
        let now = SystemClock.now();
        let certificates = files.load(now)?;
        let mut warnings = amps_cli::stderr();
        for warning in &certificates.warnings {
            // Whether or not anybody reads it.
            let _ = writeln!(warnings, "WARNING: {}", Printable(warning));
        }
        let signer = certificates.store.ok_or_else(|| {
            Failure::message("there is no store certificate to sign with").with_hint(no_key_hint)
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
