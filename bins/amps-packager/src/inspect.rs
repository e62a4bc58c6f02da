//! `amps-packager inspect`.

use std::{fs::File, io::Write as _, path::PathBuf};

use amps_cli::{Failure, Outcome};
use amps_core::inspect;
use clap::Args;

use crate::{input::InputError, inspect_text, json::printable, shown};

/// Show what is in a package, and whether it is what it says; ends with 1 if it is not.
#[derive(Args)]
pub(crate) struct Inspect {
    /// The package
    package: PathBuf,

    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

impl Inspect {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let file = File::open(&self.package)
            .map_err(|source| InputError::Read { path: self.package.clone(), source })?;
        let inspection = inspect(file, &ampkg::Limits::default())?;
        let text = if self.json {
            printable(&serde_json::to_string_pretty(&inspection)?)
        } else {
            inspect_text::render(&inspection)
        };
        shown(amps_cli::stdout().write_all(text.as_bytes()))?;
        Ok(if inspection.problems.is_empty() { Outcome::Done } else { Outcome::No })
    }
}
