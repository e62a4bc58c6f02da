//! `amps change-vendor`.

use std::{io::Write as _, path::PathBuf};

use amps_cli::{Failure, Outcome, Printable};
use amps_core::accounts::{Edit, UserName, VendorChange, VendorName, Vendors as _};
use clap::{ArgGroup, Args};

use super::{
    catalog::{Catalog, failure},
    create_vendor::read_certificate,
};

/// Change a vendor; its packages go with it.
#[derive(Args)]
#[command(group(
    ArgGroup::new("change").args(["new_name", "user", "certificate", "no_certificate"]).required(true).multiple(true)
))]
pub(crate) struct ChangeVendor {
    #[command(flatten)]
    catalog: Catalog,

    /// The name of the vendor
    #[arg(long)]
    name: VendorName,

    /// Another name
    #[arg(long, value_name = "NAME")]
    new_name: Option<VendorName>,

    /// The name of another user, who stands for it from now on
    #[arg(long, value_name = "USERNAME")]
    user: Option<UserName>,

    /// Another certificate, PEM or DER: while signatures are verified, what is uploaded from now on must be signed with that
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,

    /// Take its certificate away: any developer may sign for it
    #[arg(long, conflicts_with = "certificate")]
    no_certificate: bool,
}

impl ChangeVendor {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let certificate = match (&self.certificate, self.no_certificate) {
            (Some(path), _) => Edit::Put(read_certificate(path)?),
            (None, true) => Edit::Remove,
            (None, false) => Edit::Keep,
        };
        let change = VendorChange { name: self.new_name, user: self.user, certificate };
        self.catalog.open()?.change_vendor(&self.name, &change).map_err(failure)?;
        writeln!(amps_cli::stdout(), "{} is changed", Printable(self.name.as_str()))?;
        Ok(Outcome::Done)
    }
}
