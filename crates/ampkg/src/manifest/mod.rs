//! The manifest, `info.yaml` (docs/format.md, "Manifest").

mod application;
mod error;
mod fields;
mod intent;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use application::Application;
pub use error::ManifestError;
pub use intent::{Intent, Visibility};

use crate::{
    id::PackageId,
    yaml::{Node, YamlLimits, parse},
};
use fields::Fields;

/// What a package is and holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Which form it is written in.
    pub form: ManifestForm,
    /// The package's id.
    pub id: PackageId,
    /// The icon's path in the package.
    pub icon: Option<String>,
    /// Names by language, like `en` or `en_US`.
    pub name: BTreeMap<String, String>,
    /// Descriptions by language.
    pub description: BTreeMap<String, String>,
    /// Categories, in the order of the text.
    pub categories: Vec<String>,
    /// The version as written: `1.0` stays `1.0`. Empty when the manifest has none.
    pub version: String,
    /// The applications, at least one.
    pub applications: Vec<Application>,
    /// The intents.
    pub intents: Vec<Intent>,
}

/// The two forms that a manifest is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ManifestForm {
    /// `am-package`: any number of applications.
    #[serde(rename = "am-package")]
    Package,
    /// `am-application`, the old one: one application, its fields at the top level.
    #[serde(rename = "am-application")]
    Application,
}

const COMMON: &[&str] = &["id", "icon", "name", "description", "categories", "version", "intents"];
const PACKAGE: &[&str] = &["applications"];

impl Manifest {
    /// Reads a manifest.
    ///
    /// ```
    /// let text = b"formatType: am-package\nformatVersion: 1\n---\nid: org.example.hello\nname: { en: Hello }\n\
    ///     applications:\n- { id: org.example.hello, code: main.qml, runtime: qml }\n";
    /// let manifest = ampkg::Manifest::parse(text, Default::default())?;
    /// assert_eq!(manifest.name["en"], "Hello");
    /// # Ok::<(), ampkg::ManifestError>(())
    /// ```
    pub fn parse(text: &[u8], limits: YamlLimits) -> Result<Self, ManifestError> {
        let documents = parse(text, limits)?;
        let [format, body] = documents.as_slice() else {
            return Err(ManifestError::Documents { found: documents.len() });
        };
        let form = form(format)?;
        let allowed = match form {
            ManifestForm::Package => [COMMON, PACKAGE, &[]],
            ManifestForm::Application => [COMMON, application::RUN, application::OLD],
        };
        let fields = Fields::new(body, "the manifest", &allowed.concat())?;
        let id = package_id(&fields)?;
        let manifest = Self {
            form,
            icon: fields.text("icon")?,
            name: fields.texts_by_key("name")?,
            description: fields.texts_by_key("description")?,
            categories: fields.texts("categories")?,
            version: fields.text("version")?.unwrap_or_default(),
            applications: match form {
                ManifestForm::Package => applications(&fields)?,
                ManifestForm::Application => vec![Application::from_old_form(&fields, &id)?],
            },
            intents: fields
                .items("intents")?
                .iter()
                .map(|node| Intent::parse(node, form))
                .collect::<Result<_, _>>()?,
            id,
        };
        manifest.check_references(&fields)?;
        Ok(manifest)
    }

    /// The path of the icon as a device looks for it: the one that the manifest names, else `icon.png`.
    pub fn icon_path(&self) -> &str {
        self.icon.as_deref().unwrap_or("icon.png")
    }

    /// Ids are unique, and every intent is handled by an application that exists.
    fn check_references(&self, fields: &Fields<'_>) -> Result<(), ManifestError> {
        let mut applications = BTreeSet::new();
        for (at, application) in self.applications.iter().enumerate() {
            if !applications.insert(application.id.as_str()) {
                return Err(ManifestError::SameId {
                    position: fields.position_of_item("applications", at),
                    what: "application",
                    id: application.id.clone(),
                });
            }
        }
        let mut intents = BTreeSet::new();
        for (at, intent) in self.intents.iter().enumerate() {
            let position = fields.position_of_item("intents", at);
            if !intents.insert(intent.id.as_str()) {
                return Err(ManifestError::SameId { position, what: "intent", id: intent.id.clone() });
            }
            match &intent.handling_application_id {
                Some(handler) if !applications.contains(handler.as_str()) => {
                    return Err(ManifestError::Handler {
                        position,
                        intent: intent.id.clone(),
                        handler: handler.clone(),
                    });
                }
                None if self.applications.len() > 1 => {
                    return Err(ManifestError::NoHandler { position, intent: intent.id.clone() });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn package_id(fields: &Fields<'_>) -> Result<PackageId, ManifestError> {
    fields.required_text("id")?.parse().map_err(|source| ManifestError::Id {
        position: fields.position_of("id"),
        what: "package",
        source,
    })
}

fn applications(fields: &Fields<'_>) -> Result<Vec<Application>, ManifestError> {
    let items = fields.required_items("applications")?;
    if items.is_empty() {
        return Err(ManifestError::NoApplication { position: fields.position_of("applications") });
    }
    items.iter().map(Application::parse).collect()
}

fn form(format: &Node) -> Result<ManifestForm, ManifestError> {
    let fields = Fields::new(format, "the format document", &["formatType", "formatVersion"])?;
    let kind = fields.text("formatType")?.unwrap_or_default();
    let version = fields.text("formatVersion")?.unwrap_or_default();
    match (kind.as_str(), version.as_str()) {
        ("am-package", "1") => Ok(ManifestForm::Package),
        ("am-application", "1") => Ok(ManifestForm::Application),
        _ => Err(ManifestError::Format { position: format.position, kind, version }),
    }
}

#[cfg(test)]
mod tests;
