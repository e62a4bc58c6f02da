//! `amps token revoke`.

use std::io::Write as _;

use amps_cli::{Failure, Outcome, Printable};
use amps_core::{
    Clock as _, SystemClock,
    accounts::{AccessTokens as _, TokenName},
};
use clap::Args;

use crate::accounts::catalog::{Catalog, failure};

/// Let a token open nothing any more, from now on and for good; a server that runs knows it a tenth of a second later.
#[derive(Args)]
pub(crate) struct Revoke {
    #[command(flatten)]
    catalog: Catalog,

    /// The name of the token
    #[arg(long, value_name = "NAME")]
    name: TokenName,
}

impl Revoke {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let catalog = self.catalog.open()?;
        let is_now = catalog.revoke_access_token(&self.name, SystemClock.now()).map_err(failure)?;
        let word = if is_now { "is revoked" } else { "was revoked already" };
        writeln!(amps_cli::stdout(), "{} {word}", Printable(self.name.as_str()))?;
        Ok(Outcome::Done)
    }
}
