//! `amps create-category`.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use amps_cli::{Failure, HintExt as _, Outcome, Printable};
use amps_core::accounts::{Categories as _, CategoryIcon, CategoryName, MAX_ICON_BYTES, NewCategory};
use clap::Args;

use super::catalog::{Catalog, failure, read};

/// Add a category.
#[derive(Args)]
pub(crate) struct CreateCategory {
    #[command(flatten)]
    catalog: Catalog,

    /// The name of the category
    #[arg(long)]
    name: CategoryName,

    /// Its icon, PNG or JPEG, at most 1 MiB and 4096x4096; devices get it scaled
    #[arg(long, value_name = "FILE")]
    icon: Option<PathBuf>,

    /// Where it stands: the smaller the number, the earlier [default: after all others]
    #[arg(long, value_name = "NUMBER")]
    position: Option<u32>,
}

impl CreateCategory {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let icon = self.icon.as_deref().map(read_icon).transpose()?;
        let category = NewCategory { name: self.name, position: self.position, icon };
        self.catalog.open_or_create()?.create_category(&category).map_err(failure)?;
        writeln!(amps_cli::stdout(), "{} is a category now", Printable(category.name.as_str()))?;
        Ok(Outcome::Done)
    }
}

/// Reads a category's icon from a file.
pub(super) fn read_icon(path: &Path) -> Result<CategoryIcon, Failure> {
    let file = read(path, MAX_ICON_BYTES)?;
    CategoryIcon::read(file).hint(format!("the file is `{}`", path.display()))
}
