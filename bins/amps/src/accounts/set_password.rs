//! `amps set-password`.

use std::io::Write as _;

use amps_cli::{Failure, Outcome, Printable};
use amps_core::accounts::{UserName, Users as _};
use clap::Args;

use super::{
    catalog::{Catalog, failure},
    new_password::NewPassword,
};

/// Give a user another password, and end their sessions.
#[derive(Args)]
pub(crate) struct SetPassword {
    #[command(flatten)]
    catalog: Catalog,

    /// The name of the user
    #[arg(long, value_name = "NAME")]
    username: UserName,

    #[command(flatten)]
    password: NewPassword,
}

impl SetPassword {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let catalog = self.catalog.open()?;
        catalog.set_password(&self.username, &self.password.hash()?).map_err(failure)?;
        writeln!(amps_cli::stdout(), "{} has another password now", Printable(self.username.as_str()))?;
        Ok(Outcome::Done)
    }
}
