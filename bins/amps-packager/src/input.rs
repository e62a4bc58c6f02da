//! Files and standard input, bounded.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use ampkg::{
    quoted,
    yaml::{IntegerRange, Node, Value, YamlError, YamlLimits, parse},
};
use amps_cli::Failure;

/// Bytes that a YAML text may have.
const YAML_BYTES: u64 = 16 * 1024 * 1024;

/// Reads a whole text; `-` is standard input.
pub(crate) fn text(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |source| InputError::Read { path: path.into(), source };
    let mut source: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).map_err(unreadable)?)
    };
    let mut text = Vec::new();
    source.by_ref().take(YAML_BYTES + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > YAML_BYTES {
        return Err(InputError::TooLarge { path: path.into() }.into());
    }
    Ok(text)
}

/// Parses YAML; `name` stands for it in messages.
pub(crate) fn yaml(name: &str, text: &[u8]) -> Result<Vec<Node>, Failure> {
    Ok(parse(text, YamlLimits::default()).map_err(|source| InputError::Yaml { name: name.into(), source })?)
}

/// Types a document; `name` stands for it in messages.
pub(crate) fn value(name: &str, node: &Node, range: IntegerRange) -> Result<Value, Failure> {
    Ok(node.to_value(range).map_err(|source| InputError::Yaml { name: name.into(), source })?)
}

/// Why something that was given cannot be used.
#[derive(Debug)]
pub(crate) enum InputError {
    Read { path: PathBuf, source: io::Error },
    TooLarge { path: PathBuf },
    Yaml { name: String, source: YamlError },
}

impl std::fmt::Display for InputError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read { path, .. } => write!(formatter, "cannot read {}", quoted(&path.to_string_lossy())),
            Self::TooLarge { path } => {
                write!(formatter, "{} has more than {YAML_BYTES} bytes", quoted(&path.to_string_lossy()))
            }
            Self::Yaml { name, .. } => write!(formatter, "{name} is not valid YAML"),
        }
    }
}

impl std::error::Error for InputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { source, .. } => Some(source),
            Self::TooLarge { .. } => None,
            Self::Yaml { source, .. } => Some(source),
        }
    }
}
