//! `amps-packager yaml-to-json`.

use std::{io::Write as _, path::PathBuf};

use ampkg::yaml::{IntegerRange, Value};
use amps_cli::{Failure, Outcome};
use clap::Args;

use crate::{input, json::printable, shown};

/// Print a YAML file as JSON: a list of its documents.
#[derive(Args)]
pub(crate) struct YamlToJson {
    /// Print just this document; the first one is 0
    #[arg(short = 'i', long, value_name = "N")]
    document_index: Option<usize>,

    /// The file; `-` is standard input
    #[arg(default_value = "-")]
    file: PathBuf,
}

impl YamlToJson {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let name = ampkg::quoted(&self.file.to_string_lossy());
        let documents = input::yaml(&name, &input::text(&self.file)?)?
            .iter()
            .map(|node| input::value(&name, node, IntegerRange::Wrap))
            .collect::<Result<Vec<_>, _>>()?;
        let value = match self.document_index {
            None => Value::List(documents),
            Some(index) => {
                let count = documents.len();
                documents.into_iter().nth(index).ok_or_else(|| {
                    Failure::message(format!(
                        "{name} has no document {index}: it has {count}, counted from 0"
                    ))
                })?
            }
        };
        let json = serde_json::to_string_pretty(&value)?;
        shown(write!(amps_cli::stdout(), "{}", printable(&json)))
    }
}
