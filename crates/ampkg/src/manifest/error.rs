//! Why a manifest cannot be read.

use crate::{
    id::IdDefect,
    quote::quoted,
    yaml::{Position, YamlError},
};

/// Why a manifest cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// Not YAML that a package may hold.
    #[error("not valid YAML")]
    Yaml(#[from] YamlError),
    /// The number of documents is wrong.
    #[error("found {found} YAML documents: expected 2, the format and the manifest")]
    Documents {
        /// How many there are.
        found: usize,
    },
    /// The first document does not name a known type and version.
    #[error(
        "{position}: found type {} version {}: expected type `am-package` or `am-application` version `1`",
        quoted(.kind),
        quoted(.version)
    )]
    Format {
        /// Where the document stands.
        position: Position,
        /// The type it names.
        kind: String,
        /// The version it names.
        version: String,
    },
    /// A field that the format does not have.
    #[error("{position}: unknown field {} in {context}: expected one of {}", quoted(.field), .allowed.join(", "))]
    UnknownField {
        /// Where it stands.
        position: Position,
        /// Its name.
        field: String,
        /// What it stands in.
        context: &'static str,
        /// The fields that may stand there.
        allowed: Vec<&'static str>,
    },
    /// A field that must be there is not.
    #[error("{position}: the field `{field}` of {context} is missing")]
    Missing {
        /// Where the map begins that lacks it.
        position: Position,
        /// Its name.
        field: &'static str,
        /// What lacks it.
        context: &'static str,
    },
    /// A field has the wrong kind.
    #[error("{position}: {field} is a {found}: expected {expected}")]
    Kind {
        /// Where its value stands.
        position: Position,
        /// What a message calls it: the field and its name, or what stands in a list.
        field: String,
        /// What it is.
        found: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A text that is not one of the allowed ones.
    #[error("{position}: the field `{field}` is {}: expected {expected}", quoted(.found))]
    Choice {
        /// Where it stands.
        position: Position,
        /// The field's name.
        field: &'static str,
        /// The text.
        found: String,
        /// The texts that it may be.
        expected: &'static str,
    },
    /// An identifier that is none.
    #[error("{position}: the {what} id is not valid")]
    Id {
        /// Where it stands.
        position: Position,
        /// What it identifies.
        what: &'static str,
        /// What is wrong with it.
        source: IdDefect,
    },
    /// The list of applications is empty.
    #[error("{position}: the list of applications is empty: expected at least one")]
    NoApplication {
        /// Where it stands.
        position: Position,
    },
    /// Two applications or intents have the same id.
    #[error("{position}: the {what} id {} comes twice", quoted(.id))]
    SameId {
        /// Where the second one stands.
        position: Position,
        /// What it identifies.
        what: &'static str,
        /// The id.
        id: String,
    },
    /// An intent without a handler, where it is not clear who handles it.
    #[error("{position}: the intent {} needs a handlingApplicationId, because there are several applications", quoted(.intent))]
    NoHandler {
        /// Where the intent stands.
        position: Position,
        /// The intent's id.
        intent: String,
    },
    /// An intent handled by an application that does not exist.
    #[error("{position}: the intent {} names the handling application {}, which is not in the package", quoted(.intent), quoted(.handler))]
    Handler {
        /// Where the intent stands.
        position: Position,
        /// The intent's id.
        intent: String,
        /// The application's id.
        handler: String,
    },
}
