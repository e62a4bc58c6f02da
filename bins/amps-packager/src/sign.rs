//! `amps-packager dev-sign-package` and `store-sign-package`.

use std::path::PathBuf;

use amps_cli::{Failure, Outcome};
use amps_core::{HardwareId, Limits, developer_sign_file, store_sign_file, verify_file};
use clap::Args;

use crate::keys::{now, signer};

/// Sign a package as its developer.
#[derive(Args)]
pub(crate) struct DevSignPackage {
    /// The package
    package: PathBuf,

    /// The signed package; it appears when it is complete, and cannot be the package
    signed_package: PathBuf,

    /// PKCS#12 file with the developer's key
    certificate: PathBuf,

    /// Its password; if it is empty, the variable `AMPS_SIGN_PASSWORD`, if that is set
    password: String,
}

/// Sign a package as the store, for one device.
#[derive(Args)]
pub(crate) struct StoreSignPackage {
    /// The package
    package: PathBuf,

    /// The signed package; it appears when it is complete, and cannot be the package
    signed_package: PathBuf,

    /// PKCS#12 file with the store's key
    certificate: PathBuf,

    /// Its password; if it is empty, the variable `AMPS_SIGN_PASSWORD`, if that is set
    password: String,

    /// The device's hardware id; empty for all devices
    hardware_id: String,
}

impl DevSignPackage {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let (signer, limits) = (signer(&self.certificate, self.password)?, Limits::default());
        let verified = verify_file(&self.package, None, now(), &limits)?;
        developer_sign_file(&self.package, &self.signed_package, &verified, &*signer, now(), &limits)?;
        Ok(Outcome::Done)
    }
}

impl StoreSignPackage {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let (signer, limits) = (signer(&self.certificate, self.password)?, Limits::default());
        let device = hardware_id(self.hardware_id)?;
        let verified = verify_file(&self.package, None, now(), &limits)?;
        let (package, output) = (&self.package, &self.signed_package);
        store_sign_file(package, output, &verified, &*signer, device.as_ref(), now(), &limits)?;
        Ok(Outcome::Done)
    }
}

/// The hardware id of an argument; none if it is empty.
pub(crate) fn hardware_id(id: String) -> Result<Option<HardwareId>, Failure> {
    Ok((!id.is_empty()).then(|| HardwareId::new(id)).transpose()?)
}
