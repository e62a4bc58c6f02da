//! `amps expire-downloads`.

use std::io::Write as _;

use amps_cli::{Failure, Outcome};
use amps_core::{Clock as _, SystemClock, accounts::Accounts as _};
use clap::Args;

use super::catalog::{Catalog, failure};

/// Remove the purchases and sessions whose time is over; a server does this by itself.
#[derive(Args)]
pub(crate) struct ExpireDownloads {
    #[command(flatten)]
    catalog: Catalog,
}

impl ExpireDownloads {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let expired = self.catalog.open()?.remove_expired(SystemClock.now()).map_err(failure)?;
        let (purchases, sessions) = (expired.purchases, expired.sessions);
        writeln!(amps_cli::stdout(), "purchases removed: {purchases}\nsessions removed: {sessions}")?;
        Ok(Outcome::Done)
    }
}
