//! One application of a manifest.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Fields, ManifestError};
use crate::{
    id::{self, PackageId},
    yaml::{Map, Node},
};

/// One application of a package.
#[derive(Clone, Debug, PartialEq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// Its id, unique in the package.
    pub id: String,
    /// The file that is run; a path beginning with `:/` is a resource, not a file of the package.
    pub code: String,
    /// What runs it, like `qml` or `native`.
    pub runtime: String,
    /// The icon's path, if it has one of its own.
    pub icon: Option<String>,
    /// Names by language.
    pub name: BTreeMap<String, String>,
    /// Descriptions by language.
    pub description: BTreeMap<String, String>,
    /// Categories.
    pub categories: Vec<String>,
    /// Parameters for the runtime.
    pub runtime_parameters: Map,
    /// Whether it speaks the application interface.
    pub supports_application_interface: Option<bool>,
    /// Capabilities that it asks for.
    pub capabilities: Vec<String>,
    /// What it needs of OpenGL.
    pub opengl: Map,
    /// Watchdog settings.
    pub watchdog: Map,
    /// Properties for the system's user interface.
    pub application_properties: Map,
    /// Logging settings.
    pub logging: Map,
    /// Documents it opens (old form only).
    pub document_url: Option<String>,
    /// MIME types it handles (old form only).
    pub mime_types: Vec<String>,
    /// Its environment (old form only).
    pub environment_variables: Map,
}

/// What says how an application runs, in both forms.
pub(super) const RUN: &[&str] = &[
    "code",
    "runtime",
    "runtimeParameters",
    "supportsApplicationInterface",
    "capabilities",
    "opengl",
    "applicationProperties",
    "logging",
];
/// What only the old form has.
pub(super) const OLD: &[&str] = &["documentUrl", "mimeTypes", "environmentVariables"];
/// What only an application in a list has.
const LISTED: &[&str] = &["id", "icon", "name", "description", "categories", "watchdog"];

impl Application {
    /// An application in the list of the current form.
    pub(super) fn parse(node: &Node) -> Result<Self, ManifestError> {
        let fields = Fields::new(node, "the application", &[LISTED, RUN].concat())?;
        let id = fields.required_text("id")?;
        id::check(&id).map_err(|source| ManifestError::Id {
            position: fields.position_of("id"),
            what: "application",
            source,
        })?;
        Ok(Self {
            id,
            icon: fields.text("icon")?,
            name: fields.texts_by_key("name")?,
            description: fields.texts_by_key("description")?,
            categories: fields.texts("categories")?,
            watchdog: fields.map("watchdog")?,
            ..Self::run(&fields)?
        })
    }

    /// The one application of the old form. Name, icon and the like are the package's.
    pub(super) fn from_old_form(fields: &Fields<'_>, id: &PackageId) -> Result<Self, ManifestError> {
        Ok(Self {
            id: id.as_str().into(),
            document_url: fields.text("documentUrl")?,
            mime_types: fields.texts("mimeTypes")?,
            environment_variables: fields.map("environmentVariables")?,
            ..Self::run(fields)?
        })
    }

    fn run(fields: &Fields<'_>) -> Result<Self, ManifestError> {
        Ok(Self {
            code: fields.required_text("code")?,
            runtime: fields.required_text("runtime")?,
            runtime_parameters: fields.map("runtimeParameters")?,
            supports_application_interface: fields.flag("supportsApplicationInterface")?,
            capabilities: fields.texts("capabilities")?,
            opengl: fields.map("opengl")?,
            application_properties: fields.map("applicationProperties")?,
            logging: fields.map("logging")?,
            ..Self::default()
        })
    }

    /// The path of the code in the package; none for a resource.
    pub fn code_file(&self) -> Option<&str> {
        (!self.code.starts_with(":/")).then_some(self.code.as_str())
    }
}
