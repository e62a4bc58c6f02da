//! `amps remove-user`, `amps remove-vendor` and `amps remove-category`.

use std::io::Write as _;

use amps_cli::{Failure, Outcome, Printable};
use amps_core::accounts::{
    AccountError, Categories as _, CategoryName, UserName, Users as _, VendorName, Vendors as _,
};
use clap::Args;

use super::{
    catalog::{Catalog, failure},
    staff::Staff,
};

/// Remove a user, with their sessions and purchases; not one who stands for a vendor.
#[derive(Args)]
pub(crate) struct RemoveUser {
    #[command(flatten)]
    catalog: Catalog,

    /// The name of the user
    #[arg(long, value_name = "NAME")]
    username: UserName,
}

/// Remove a vendor; not one in whose name packages are offered.
#[derive(Args)]
pub(crate) struct RemoveVendor {
    #[command(flatten)]
    catalog: Catalog,

    /// The name of the vendor
    #[arg(long)]
    name: VendorName,
}

/// Remove a category; not one that packages belong to.
#[derive(Args)]
pub(crate) struct RemoveCategory {
    #[command(flatten)]
    catalog: Catalog,

    /// The name of the category
    #[arg(long)]
    name: CategoryName,
}

impl RemoveUser {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let catalog = self.catalog.open()?;
        let staff = Staff::note(&catalog)?;
        let outcome = removed(catalog.remove_user(&self.username), self.username.as_str())?;
        staff.warn_of_last(&catalog, &self.username)?;
        Ok(outcome)
    }
}

impl RemoveVendor {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        removed(self.catalog.open()?.remove_vendor(&self.name), self.name.as_str())
    }
}

impl RemoveCategory {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        removed(self.catalog.open()?.remove_category(&self.name), self.name.as_str())
    }
}

fn removed(result: Result<(), AccountError>, name: &str) -> Result<Outcome, Failure> {
    result.map_err(failure)?;
    writeln!(amps_cli::stdout(), "{} is removed", Printable(name))?;
    Ok(Outcome::Done)
}
