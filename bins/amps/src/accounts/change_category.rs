//! `amps change-category`.

use std::{io::Write as _, path::PathBuf};

use amps_cli::{Failure, Outcome, Printable};
use amps_core::accounts::{Categories as _, CategoryChange, CategoryName, Edit};
use clap::{ArgGroup, Args};

use super::{
    catalog::{Catalog, failure},
    create_category::read_icon,
};

/// Change a category; its packages go with it.
#[derive(Args)]
#[command(group(
    ArgGroup::new("change").args(["new_name", "icon", "no_icon", "position"]).required(true).multiple(true)
))]
pub(crate) struct ChangeCategory {
    #[command(flatten)]
    catalog: Catalog,

    /// The name of the category
    #[arg(long)]
    name: CategoryName,

    /// Another name
    #[arg(long, value_name = "NAME")]
    new_name: Option<CategoryName>,

    /// Another icon, PNG or JPEG, at most 1 MiB and 4096x4096
    #[arg(long, value_name = "FILE")]
    icon: Option<PathBuf>,

    /// Take its icon away
    #[arg(long, conflicts_with = "icon")]
    no_icon: bool,

    /// Where it stands from now on: the smaller the number, the earlier
    #[arg(long, value_name = "NUMBER")]
    position: Option<u32>,
}

impl ChangeCategory {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let icon = match (&self.icon, self.no_icon) {
            (Some(path), _) => Edit::Put(read_icon(path)?),
            (None, true) => Edit::Remove,
            (None, false) => Edit::Keep,
        };
        let change = CategoryChange { name: self.new_name, position: self.position, icon };
        self.catalog.open()?.change_category(&self.name, &change).map_err(failure)?;
        writeln!(amps_cli::stdout(), "{} is changed", Printable(self.name.as_str()))?;
        Ok(Outcome::Done)
    }
}
