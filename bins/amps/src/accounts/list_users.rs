//! `amps list-users`.

use std::io::Write as _;

use amps_cli::{Failure, Outcome, Printable};
use amps_core::accounts::Users as _;
use clap::Args;

use super::catalog::{Catalog, failure};

/// List the users, one on each line: name, `active` or `inactive`, `staff` or `user`, separated by tabs.
#[derive(Args)]
pub(crate) struct ListUsers {
    #[command(flatten)]
    catalog: Catalog,
}

impl ListUsers {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let mut out = amps_cli::stdout();
        for user in self.catalog.open()?.users().map_err(failure)? {
            let active = if user.is_active { "active" } else { "inactive" };
            let staff = if user.is_staff { "staff" } else { "user" };
            writeln!(out, "{}\t{active}\t{staff}", Printable(user.name.as_str()))?;
        }
        Ok(Outcome::Done)
    }
}
