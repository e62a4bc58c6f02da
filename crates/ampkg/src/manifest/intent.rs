//! One intent of a manifest.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Fields, ManifestError, ManifestForm};
use crate::{
    id,
    yaml::{Map, Node},
};

/// Something that an application of the package does for others.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// Its id, unique in the package.
    pub id: String,
    /// Who may ask for it.
    pub visibility: Visibility,
    /// The application that handles it; none if the package has just one.
    pub handling_application_id: Option<String>,
    /// Capabilities that the caller needs.
    pub required_capabilities: Vec<String>,
    /// Regular expressions that the parameters must match.
    pub parameter_match: Map,
    /// The icon's path.
    pub icon: Option<String>,
    /// Names by language.
    pub name: BTreeMap<String, String>,
    /// Descriptions by language.
    pub description: BTreeMap<String, String>,
    /// Categories.
    pub categories: Vec<String>,
    /// Whether it is handled only while the application runs anyway.
    pub handle_only_when_running: Option<bool>,
}

/// Who may ask for an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody.
    Public,
    /// The package's own applications.
    Private,
}

const ALLOWED: &[&str] = &[
    "id",
    "visibility",
    "requiredCapabilities",
    "parameterMatch",
    "icon",
    "name",
    "description",
    "categories",
    "handleOnlyWhenRunning",
];

impl Intent {
    pub(super) fn parse(node: &Node, form: ManifestForm) -> Result<Self, ManifestError> {
        let handler = match form {
            ManifestForm::Package => "handlingApplicationId",
            ManifestForm::Application => "handledBy",
        };
        let fields = Fields::new(node, "the intent", &[ALLOWED, &[handler]].concat())?;
        let id = fields.required_text("id")?;
        id::check(&id).map_err(|source| ManifestError::Id {
            position: fields.position_of("id"),
            what: "intent",
            source,
        })?;
        Ok(Self {
            id,
            visibility: visibility(&fields)?,
            handling_application_id: fields.text(handler)?,
            required_capabilities: fields.texts("requiredCapabilities")?,
            parameter_match: fields.map("parameterMatch")?,
            icon: fields.text("icon")?,
            name: fields.texts_by_key("name")?,
            description: fields.texts_by_key("description")?,
            categories: fields.texts("categories")?,
            handle_only_when_running: fields.flag("handleOnlyWhenRunning")?,
        })
    }
}

fn visibility(fields: &Fields<'_>) -> Result<Visibility, ManifestError> {
    match fields.text("visibility")?.as_deref() {
        None | Some("public") => Ok(Visibility::Public),
        Some("private") => Ok(Visibility::Private),
        Some(found) => Err(ManifestError::Choice {
            position: fields.position_of("visibility"),
            field: "visibility",
            found: found.into(),
            expected: "`public` or `private`",
        }),
    }
}
