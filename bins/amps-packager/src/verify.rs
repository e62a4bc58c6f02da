//! `amps-packager dev-verify-package` and `store-verify-package`. The texts and codes are the reference's.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
};

use amps_cli::{Failure, Outcome, Printable};
use amps_core::{HardwareId, Limits, Refusal, TrustAnchors, examine};
use amps_core::{SignatureInput, VerifyError, verify_signature};
use clap::Args;

use crate::{
    input::InputError,
    keys::{anchors, now},
    name::Name,
    sign::hardware_id,
};

/// Verify the developer's signature of a package: 0 valid, 1 there is none, 2 it is not valid.
#[derive(Args)]
pub(crate) struct DevVerifyPackage {
    /// Say who signed
    #[arg(long)]
    verbose: bool,

    /// The package
    package: PathBuf,

    /// CA certificates that the signer's must lead to, PEM
    #[arg(required = true)]
    certificates: Vec<PathBuf>,
}

/// Verify the store's signature of a package for a device: 0 valid, 1 there is none, 2 it is not valid.
#[derive(Args)]
pub(crate) struct StoreVerifyPackage {
    /// Say who signed
    #[arg(long)]
    verbose: bool,

    /// The package
    package: PathBuf,

    /// CA certificates that the signer's must lead to, PEM; then the hardware id of the device, empty for all
    #[arg(required = true, num_args = 2.., value_names = ["CERTIFICATE", "HARDWARE-ID"])]
    certificates_and_hardware_id: Vec<String>,
}

/// Which signature of a package.
enum Kind {
    Developer,
    Store(Option<HardwareId>),
}

impl DevVerifyPackage {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        verify(&self.package, &anchors(self.certificates)?, &Kind::Developer, self.verbose)
    }
}

impl StoreVerifyPackage {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let mut words = self.certificates_and_hardware_id;
        let device = hardware_id(words.pop().unwrap_or_default())?;
        let anchors = anchors(words.into_iter().map(PathBuf::from).collect())?;
        verify(&self.package, &anchors, &Kind::Store(device), self.verbose)
    }
}

fn verify(package: &Path, anchors: &TrustAnchors, kind: &Kind, verbose: bool) -> Result<Outcome, Failure> {
    let file = File::open(package).map_err(|source| InputError::Read { path: package.into(), source })?;
    // Its signatures are looked at below, so that one that is none is an invalid one, not a broken package.
    let package = examine(file, &Limits::default())
        .and_then(|examination| examination.package.verify())
        .map_err(|error| Name::of_process().unreadable(package, Refusal::from(error).into()))?;
    let digest = &package.footer.digest.0;
    let (name, signature, input) = match kind {
        Kind::Developer => {
            ("developer", &package.footer.developer_signature, SignatureInput::developer(digest))
        }
        Kind::Store(device) => {
            ("store", &package.footer.store_signature, SignatureInput::store(digest, device.as_ref()))
        }
    };
    let mut out = amps_cli::stdout();
    let Some(signature) = signature else {
        writeln!(out, "no {name} signature")?;
        return Ok(Outcome::No);
    };
    match verify_signature(
        signature,
        &input,
        anchors,
        now().for_certificates().map_err(amps_core::Error::from)?,
    ) {
        Ok(verified) => {
            writeln!(out, "valid {name} signature")?;
            if verbose {
                let signer = verified.signer();
                writeln!(out, "signed by {}", Printable(signer.subject()))?;
                writeln!(out, "valid from {} to {}", signer.not_before(), signer.not_after())?;
            }
            Ok(Outcome::Done)
        }
        Err(error) => {
            writeln!(out, "invalid {name} signature ({})", Printable(&reason(&error)))?;
            Ok(Outcome::Unknown) // 2
        }
    }
}

fn reason(error: &VerifyError) -> String {
    amps_core::chain(error)
}
