//! `amps create-vendor`.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use amps_cli::{Failure, HintExt as _, Outcome, Printable};
use amps_core::accounts::{
    MAX_VENDOR_CERTIFICATE_BYTES, NewVendor, UserName, VendorCertificate, VendorName, Vendors as _,
};
use clap::Args;

use super::catalog::{Catalog, failure, read};

/// Add a vendor, in whose name packages are offered.
#[derive(Args)]
pub(crate) struct CreateVendor {
    #[command(flatten)]
    catalog: Catalog,

    /// The name of the vendor
    #[arg(long)]
    name: VendorName,

    /// The name of the user who stands for it
    #[arg(long, value_name = "USERNAME")]
    user: UserName,

    /// Its certificate, PEM or DER: while signatures are verified, its packages must be signed with that
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

impl CreateVendor {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let certificate = self.certificate.as_deref().map(read_certificate).transpose()?;
        let vendor = NewVendor { name: self.name, user: self.user, certificate };
        self.catalog.open_or_create()?.create_vendor(&vendor).map_err(failure)?;
        writeln!(amps_cli::stdout(), "{} is a vendor now", Printable(vendor.name.as_str()))?;
        Ok(Outcome::Done)
    }
}

/// Reads a vendor's certificate from a file.
pub(super) fn read_certificate(path: &Path) -> Result<VendorCertificate, Failure> {
    let file = read(path, MAX_VENDOR_CERTIFICATE_BYTES)?;
    VendorCertificate::read(&file).hint(format!("the file is `{}`", path.display()))
}
