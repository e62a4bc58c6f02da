//! `amps list-vendors`.

use std::io::Write as _;

use amps_cli::{Failure, Outcome, Printable};
use amps_core::accounts::{VendorCertificate, Vendors as _};
use clap::Args;

use super::catalog::{Catalog, failure};

/// List the vendors, one on each line: name, user, whom its certificate was issued to (`-` if it has none), separated by tabs.
#[derive(Args)]
pub(crate) struct ListVendors {
    #[command(flatten)]
    catalog: Catalog,
}

impl ListVendors {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let mut out = amps_cli::stdout();
        for vendor in self.catalog.open()?.vendors().map_err(failure)? {
            let subject = vendor.certificate.as_ref().map_or("-", VendorCertificate::subject);
            let (name, user) = (Printable(vendor.name.as_str()), Printable(vendor.user.as_str()));
            writeln!(out, "{name}\t{user}\t{}", Printable(subject))?;
        }
        Ok(Outcome::Done)
    }
}
