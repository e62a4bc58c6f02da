//! Header and footer of a package (docs/format.md, "Header and footer").

mod footer;
mod footer_layout;
mod header;

use crate::{
    digest::InvalidDigest,
    id::IdDefect,
    quote::quoted,
    yaml::{Key, Mapping, Node, NodeKind, Position, YamlError, YamlLimits, parse},
};
pub(crate) use footer::FooterText;
pub use footer::{Footer, FooterField};
pub(crate) use footer_layout::FooterLayout;
pub use footer_layout::FooterPlace;
pub use header::Header;

/// The generation of header and footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FormatVersion {
    /// The old one, in which the id was called `applicationId`.
    V1,
    /// The current one.
    V2,
}

impl FormatVersion {
    /// As a number.
    pub fn number(self) -> i32 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }
}

/// Why header or footer cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// Not YAML that a package may hold.
    #[error("not valid YAML")]
    Yaml(#[from] YamlError),
    /// The number of documents is wrong.
    #[error("found {found} YAML documents: expected {expected}")]
    Documents {
        /// How many there are.
        found: usize,
        /// How many there must be.
        expected: &'static str,
    },
    /// The first document does not name the expected type and version.
    #[error("found type {} version {}: expected {expected}", quoted(.kind), quoted(.version))]
    Format {
        /// The type it names.
        kind: String,
        /// The version it names.
        version: String,
        /// What it must name.
        expected: &'static str,
    },
    /// Footer and header name different versions.
    #[error("the footer has format version {footer}, the header {header}")]
    VersionsDiffer {
        /// The header's.
        header: i32,
        /// The footer's.
        footer: i32,
    },
    /// A field of the first document that is neither `formatType` nor `formatVersion`.
    #[error("{position}: the field {} is not allowed beside formatType and formatVersion", quoted(.field))]
    FormatField {
        /// Where it stands.
        position: Position,
        /// Its name.
        field: String,
    },
    /// A field that must be there is not.
    #[error("the field `{field}` is missing")]
    Missing {
        /// Its name.
        field: &'static str,
    },
    /// A field stands twice, in different documents.
    #[error("{position}: the field `{field}` comes twice")]
    Twice {
        /// Where the second one stands.
        position: Position,
        /// Its name.
        field: String,
    },
    /// A field or document has the wrong kind.
    #[error("{position}: `{field}` is a {found}: expected {expected}")]
    Kind {
        /// Where it stands.
        position: Position,
        /// Its name.
        field: String,
        /// What it is.
        found: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A disk space that is not a positive integer.
    #[error("{position}: `diskSpaceUsed` is {}: expected an integer above 0", quoted(.found))]
    DiskSpace {
        /// Where it stands.
        position: Position,
        /// The value.
        found: String,
    },
    /// Metadata that was to be written, but would be read as something else.
    #[error(
        "`{field}` holds a value that would be read as another one: expected integers in their smallest type and no negative infinity"
    )]
    Unwritable {
        /// The field it stands in.
        field: &'static str,
    },
    /// An identifier that is none.
    #[error("{position}: the package id is not valid")]
    Id {
        /// Where it stands.
        position: Position,
        /// What is wrong with it.
        source: IdDefect,
    },
    /// A digest that is none.
    #[error("{position}: the digest is not valid")]
    Digest {
        /// Where it stands.
        position: Position,
        /// What is wrong with it.
        source: InvalidDigest,
    },
    /// A signature that is not base64.
    #[error("{position}: `{field}` is not base64 ({reason})")]
    Base64 {
        /// Where it stands.
        position: Position,
        /// The signature's field.
        field: &'static str,
        /// What the decoder says.
        reason: String,
    },
}

impl MetadataError {
    /// Whether the trouble lies in a signature's field rather than in the metadata around it.
    pub(crate) fn is_signature(&self) -> bool {
        matches!(self, Self::Base64 { .. })
    }
}

/// Parses metadata and checks its first document; returns the version and the documents after the first.
fn documents(
    text: &[u8],
    kind: &'static str,
    expected: &'static str,
    limits: YamlLimits,
) -> Result<(FormatVersion, Vec<Mapping>), MetadataError> {
    let mut documents = parse(text, limits)?.into_iter();
    let found = documents.len();
    let Some(first) = documents.next() else {
        return Err(MetadataError::Documents { found, expected: "at least 2" });
    };
    let version = format_version(&mapping(first, kind)?, kind, expected)?;
    let rest = documents.map(|node| mapping(node, kind)).collect::<Result<_, _>>()?;
    Ok((version, rest))
}

fn format_version(
    first: &Mapping,
    kind: &'static str,
    expected: &'static str,
) -> Result<FormatVersion, MetadataError> {
    let other = first.iter().find(|(key, _)| !matches!(key.text.as_str(), "formatType" | "formatVersion"));
    let text = |field| match first.find(field).map(|node| &node.kind) {
        Some(NodeKind::Scalar(scalar)) => scalar.text.clone(),
        _ => String::new(),
    };
    let version = match (text("formatType").as_str() == kind, text("formatVersion").as_str()) {
        (true, "1") => FormatVersion::V1,
        (true, "2") => FormatVersion::V2,
        _ => {
            let (kind, version) = (text("formatType"), text("formatVersion"));
            return Err(MetadataError::Format { kind, version, expected });
        }
    };
    match other {
        Some((Key { text, position }, _)) => {
            Err(MetadataError::FormatField { position: *position, field: text.clone() })
        }
        None => Ok(version),
    }
}

fn mapping(node: Node, field: &str) -> Result<Mapping, MetadataError> {
    match node.kind {
        NodeKind::Mapping(mapping) => Ok(mapping),
        other => Err(MetadataError::Kind {
            position: node.position,
            field: field.into(),
            found: other.name(),
            expected: "a map",
        }),
    }
}

/// The text of a scalar field.
fn text<'a>(node: &'a Node, field: &str) -> Result<&'a str, MetadataError> {
    match &node.kind {
        NodeKind::Scalar(scalar) => Ok(&scalar.text),
        other => Err(MetadataError::Kind {
            position: node.position,
            field: field.into(),
            found: other.name(),
            expected: "a scalar",
        }),
    }
}
