//! The log of a server, on standard error: what the people who run it should look at.

use std::{env, io};

use amps_cli::Failure;
use clap::{Args, ValueEnum};
use tracing_subscriber::filter::LevelFilter;

use crate::name::Name;

/// The variables that count where an option is missing.
const LEVEL_VARIABLE: &str = "AMPS_LOG";
const FORMAT_VARIABLE: &str = "AMPS_LOG_FORMAT";

#[derive(Args)]
pub(crate) struct LogOptions {
    /// What to log on standard error; else the variable `AMPS_LOG` says it [default: warn; error if started as
    /// appman-package-server]
    #[arg(long, value_enum, value_name = "LEVEL")]
    log_level: Option<Level>,

    /// How to log; else the variable `AMPS_LOG_FORMAT` says it [default: text]
    #[arg(long, value_enum)]
    log_format: Option<Format>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Level {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl LogOptions {
    /// Begins to log.
    pub(crate) fn start(&self, name: Name) -> Result<(), Failure> {
        // The programs that start the reference's server take whatever they find on standard error for a failure.
        let default = match name {
            Name::Amps => Level::Warn,
            Name::PackageServer => Level::Error,
        };
        let level = match or_variable(self.log_level, LEVEL_VARIABLE)?.unwrap_or(default) {
            Level::Off => LevelFilter::OFF,
            Level::Error => LevelFilter::ERROR,
            Level::Warn => LevelFilter::WARN,
            Level::Info => LevelFilter::INFO,
            Level::Debug => LevelFilter::DEBUG,
            Level::Trace => LevelFilter::TRACE,
        };
        // A line that cannot be written, as on a full disk, is lost. Complaining about it on standard error too would end whoever
        // logs.
        let log = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_writer(io::stderr)
            .log_internal_errors(false);
        match or_variable(self.log_format, FORMAT_VARIABLE)?.unwrap_or(Format::Text) {
            Format::Text => log.init(),
            Format::Json => log.json().flatten_event(true).init(),
        }
        Ok(())
    }
}

fn or_variable<V: ValueEnum>(option: Option<V>, variable: &str) -> Result<Option<V>, Failure> {
    let Some(value) = env::var_os(variable).filter(|value| option.is_none() && !value.is_empty()) else {
        return Ok(option);
    };
    let value = value.to_string_lossy();
    V::from_str(&value, true).map(Some).map_err(|_| {
        let words = V::value_variants().iter().filter_map(V::to_possible_value);
        let words: Vec<_> = words.map(|word| format!("`{}`", word.get_name())).collect();
        Failure::message(format!("{variable} is `{value}`: expected one of {}", words.join(", ")))
    })
}
