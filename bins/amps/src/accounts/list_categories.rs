//! `amps list-categories`.

use std::io::Write as _;

use amps_cli::{Failure, Outcome, Printable};
use amps_core::accounts::Categories as _;
use clap::Args;

use super::catalog::{Catalog, failure};

/// List the categories in their order, one on each line: number, position, name, `icon` or `-`, separated by tabs.
#[derive(Args)]
pub(crate) struct ListCategories {
    #[command(flatten)]
    catalog: Catalog,
}

impl ListCategories {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let mut out = amps_cli::stdout();
        for category in self.catalog.open()?.categories().map_err(failure)? {
            let (id, position) = (category.id.0, category.position);
            let icon = if category.has_icon { "icon" } else { "-" };
            writeln!(out, "{id}\t{position}\t{}\t{icon}", Printable(category.name.as_str()))?;
        }
        Ok(Outcome::Done)
    }
}
