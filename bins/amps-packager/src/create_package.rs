//! `amps-packager create-package`.

use std::{io::Write as _, path::PathBuf};

use ampkg::{
    DigestForm, FooterField,
    yaml::{IntegerRange, Map, Value, merge},
};
use amps_cli::{Failure, Outcome, Printable};
use amps_core::{CreateOptions, Created, create_package};
use clap::{Args, ValueEnum};

use crate::{input, json::printable, shown};

/// Make a package of a folder.
#[derive(Args)]
pub(crate) struct CreatePackage {
    /// The package to write
    package: PathBuf,

    /// The folder with info.yaml, the icon and everything else
    source_directory: PathBuf,

    /// Print header and footer of the package
    #[arg(long)]
    verbose: bool,

    /// Print them as JSON instead of YAML
    #[arg(long)]
    json: bool,

    /// Add a YAML snippet to the metadata that the digest does not cover
    #[arg(short = 'm', long, value_name = "YAML", allow_hyphen_values = true)]
    extra_metadata: Vec<String>,

    /// Add a YAML file to the metadata that the digest does not cover
    #[arg(short = 'M', long, value_name = "FILE")]
    extra_metadata_file: Vec<PathBuf>,

    /// Add a YAML snippet to the metadata that the digest covers
    #[arg(short = 's', long, value_name = "YAML", allow_hyphen_values = true)]
    extra_signed_metadata: Vec<String>,

    /// Add a YAML file to the metadata that the digest covers
    #[arg(short = 'S', long, value_name = "FILE")]
    extra_signed_metadata_file: Vec<PathBuf>,

    /// For which devices the digest is; makes a difference only with signed metadata
    #[arg(long, value_enum, default_value = "qt6")]
    digest_form: Form,
}

#[derive(Clone, Copy, ValueEnum)]
enum Form {
    Qt6,
    Qt5,
}

impl CreatePackage {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let options = CreateOptions {
            extra: metadata(&self.extra_metadata_file, &self.extra_metadata)?,
            extra_signed: metadata(&self.extra_signed_metadata_file, &self.extra_signed_metadata)?,
            form: match self.digest_form {
                Form::Qt6 => DigestForm::Qt6,
                Form::Qt5 => DigestForm::Qt5,
            },
        };
        let created = create_package(&self.package, &self.source_directory, options)?;
        let mut warnings = amps_cli::stderr();
        for skipped in &created.skipped {
            let path = skipped.path.to_string_lossy();
            // The package is made, whether or not anybody reads this.
            let _ = writeln!(
                warnings,
                "WARNING: not packed, because it is a {}: {}",
                skipped.kind,
                Printable(&path)
            );
        }
        match (self.verbose, self.json) {
            (false, _) => Ok(Outcome::Done),
            (true, false) => shown(print_yaml(&created)),
            (true, true) => shown(print_json(&created)),
        }
    }
}

/// The metadata of all files, then of all snippets, merged.
fn metadata(files: &[PathBuf], snippets: &[String]) -> Result<Map, Failure> {
    let mut merged = Map::new();
    for file in files {
        add(
            &mut merged,
            &format!("the file {}", ampkg::quoted(&file.to_string_lossy())),
            &input::text(file)?,
        )?;
    }
    for snippet in snippets {
        add(&mut merged, &format!("the snippet {}", ampkg::quoted(snippet)), snippet.as_bytes())?;
    }
    Ok(merged)
}

fn add(merged: &mut Map, name: &str, text: &[u8]) -> Result<(), Failure> {
    for document in input::yaml(name, text)? {
        match input::value(name, &document, IntegerRange::Refuse)? {
            Value::Map(map) => merge(merged, map),
            Value::Null => {}
            _ => return Err(Failure::message(format!("{name} is not a map: expected `key: value` pairs"))),
        }
    }
    Ok(())
}

fn print_yaml(created: &Created) -> std::io::Result<()> {
    let footer = FooterField::Digest(created.digest).to_yaml(created.header.version);
    write!(amps_cli::stdout(), "{}{}", created.header.to_yaml(), footer)
}

fn print_json(created: &Created) -> std::io::Result<()> {
    let json = serde_json::json!({
        "header": created.header.fields(),
        "footer": { "digest": created.digest },
    });
    write!(amps_cli::stdout(), "{}", printable(&format!("{json:#}")))
}
