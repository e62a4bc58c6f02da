//! `amps-config.yaml`: settings that stay.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use ampkg::yaml::{
    IntegerRange, Key, Mapping, Node, NodeKind, Position, Value, YamlError, YamlLimits, parse,
};

use ipnet::IpNet;

use amps_core::{CertificateFiles, Password, RetentionPolicy, SignerKeyUsage, audit::AuditRetention};

use crate::{
    access::AnonymousAccess,
    config_audit::audit_of,
    config_deployment::{deployment_of, networks_of},
    config_limits::limits_of,
    config_management::management_of,
    config_retention::retention_of,
    config_tls::{files_of, tls_of},
    deployment_server::DeploymentSettings,
    limits::{LimitField, ServerLimits},
    listen_address::ListenAddress,
    management::ManagementSettings,
    project_id::ProjectId,
    settings::{NativeApi, WebInterface},
    tls_settings::TlsFields,
};

/// The name of the file in the data directory.
pub const CONFIG_FILE: &str = "amps-config.yaml";
/// Bytes that the file may have; a real one has a few hundred.
const CONFIG_BYTES: u64 = 1024 * 1024;

/// For messages.
const FIELDS: &str = "listenAddress, projectId, anonymousAccess, nativeApi, webInterface, storeSignCertificate, storeSignPassword, \
    developerVerificationCaCertificates, developerVerificationCrls, signerKeyUsage, limits, retention, \
    trustedProxies, deploymentServer, tls, management, audit";

/// What the file says; what it does not say is not set.
#[derive(Debug, Default)]
pub struct Config {
    /// `listenAddress`.
    pub listen_address: Option<ListenAddress>,
    /// `projectId`.
    pub project_id: Option<ProjectId>,
    /// `anonymousAccess`.
    pub anonymous_access: Option<AnonymousAccess>,
    /// `nativeApi`.
    pub native_api: Option<NativeApi>,
    /// `webInterface`.
    pub web_interface: Option<WebInterface>,
    /// `storeSignCertificate`, `storeSignPassword`, `developerVerificationCaCertificates`, `developerVerificationCrls` and
    /// `signerKeyUsage`.
    pub certificates: CertificateFiles,
    /// `limits`; those that it does not name are the defaults.
    pub limits: ServerLimits,
    /// `retention`; without it, everything stays.
    pub retention: RetentionPolicy,
    /// `trustedProxies`; without it, nobody is believed to speak for others.
    pub trusted_proxies: Vec<IpNet>,
    /// `deploymentServer`; without it, that interface is not there.
    pub deployment: Option<DeploymentSettings>,
    /// `tls`; without a certificate, there is no TLS.
    pub tls: TlsFields,
    /// `management`; without it, there is no such listener.
    pub management: Option<ManagementSettings>,
    /// `audit`.
    pub audit: AuditRetention,
}

impl Config {
    /// Reads the file of a data directory; a directory without one has the defaults.
    pub fn read(data_directory: &Path) -> Result<Self, ConfigError> {
        let path = data_directory.join(CONFIG_FILE);
        let unreadable = |source| ConfigError::Read { path: path.clone(), source };
        let size = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(unreadable(error)),
        };
        if size > CONFIG_BYTES {
            return Err(ConfigError::TooLarge { path, found: size, limit: CONFIG_BYTES });
        }
        let text = fs::read(&path).map_err(unreadable)?;
        let mut config = Self::parse(&text).map_err(|problem| ConfigError::Invalid { path, problem })?;
        let CertificateFiles { store, developer_cas, developer_crls, .. } = &mut config.certificates;
        for file in
            store.iter_mut().chain(developer_cas).chain(developer_crls).chain(files_of(&mut config.tls))
        {
            // The reference looks beside the configuration first, then where it was started.
            let beside = data_directory.join(&*file);
            if beside.exists() {
                *file = beside;
            }
        }
        Ok(config)
    }

    /// Reads the text of such a file.
    pub fn parse(text: &[u8]) -> Result<Self, ConfigProblem> {
        let documents = parse(text, YamlLimits::default())?;
        let [format, fields] = documents.as_slice() else {
            return Err(ConfigProblem::Documents { found: documents.len() });
        };
        check_format(mapping(format, "the format document")?, format.position)?;
        let mut config = Self::default();
        let certificates = &mut config.certificates;
        for (key, node) in fields_of(fields, "the configuration")? {
            let invalid = |message: String| ConfigProblem::Value { position: node.position, message };
            match key.text.as_str() {
                "listenAddress" => {
                    let address = text_of(node, "listenAddress")?.parse();
                    config.listen_address = Some(address.map_err(|error| invalid(format!("{error}")))?);
                }
                "projectId" => {
                    let id = text_of(node, "projectId")?.parse();
                    config.project_id = Some(id.map_err(|error| invalid(format!("{error}")))?);
                }
                "anonymousAccess" => {
                    let access = text_of(node, "anonymousAccess")?.parse();
                    config.anonymous_access = Some(access.map_err(|error| invalid(format!("{error}")))?);
                }
                "nativeApi" => {
                    config.native_api = Some(match node.to_value(IntegerRange::Wrap)? {
                        Value::Bool(true) => NativeApi::On,
                        Value::Bool(false) => NativeApi::Off,
                        _ => return Err(invalid("`nativeApi` is expected to be `true` or `false`".into())),
                    });
                }
                "webInterface" => {
                    config.web_interface = Some(match node.to_value(IntegerRange::Wrap)? {
                        Value::Bool(true) => WebInterface::On,
                        Value::Bool(false) => WebInterface::Off,
                        _ => {
                            return Err(invalid("`webInterface` is expected to be `true` or `false`".into()));
                        }
                    });
                }
                "storeSignCertificate" => {
                    certificates.store = Some(text_of(node, "storeSignCertificate")?.into());
                }
                "storeSignPassword" => {
                    certificates.store_password = Some(Password::new(secret_of(node, "storeSignPassword")?));
                }
                "developerVerificationCaCertificates" => {
                    certificates.developer_cas = paths_of(node, "developerVerificationCaCertificates")?;
                }
                "developerVerificationCrls" => {
                    certificates.developer_crls = paths_of(node, "developerVerificationCrls")?;
                }
                "signerKeyUsage" => {
                    certificates.signer_key_usage = match text_of(node, "signerKeyUsage")?.as_str() {
                        "strict" => SignerKeyUsage::Strict,
                        "any" => SignerKeyUsage::Any,
                        other => {
                            let found = ampkg::quoted(other);
                            return Err(invalid(format!(
                                "`signerKeyUsage` is {found}: expected `strict` or `any`"
                            )));
                        }
                    };
                }
                "limits" => config.limits = limits_of(node)?,
                "retention" => config.retention = retention_of(node)?,
                "trustedProxies" => config.trusted_proxies = networks_of(node)?,
                "tls" => config.tls = tls_of(node)?,
                "audit" => config.audit = audit_of(node)?,
                "deploymentServer" => config.deployment = Some(deployment_of(node)?),
                "management" => config.management = Some(management_of(node)?),
                _ => return Err(ConfigProblem::Unknown { position: key.position, field: key.text.clone() }),
            }
        }
        Ok(config)
    }
}

fn check_format(format: &Mapping, position: Position) -> Result<(), ConfigProblem> {
    let value = |field| match format.find(field).map(|node| &node.kind) {
        Some(NodeKind::Scalar(scalar)) => scalar.text.as_str(),
        _ => "",
    };
    if let Some((key, _)) =
        format.iter().find(|(key, _)| !matches!(key.text.as_str(), "formatType" | "formatVersion"))
    {
        return Err(ConfigProblem::Unknown { position: key.position, field: key.text.clone() });
    }
    match (value("formatType"), value("formatVersion")) {
        ("amps-configuration", "1") => Ok(()),
        (kind, version) => {
            Err(ConfigProblem::Format { position, kind: kind.into(), version: version.into() })
        }
    }
}

pub(crate) fn mapping<'a>(node: &'a Node, what: &'static str) -> Result<&'a Mapping, ConfigProblem> {
    match &node.kind {
        NodeKind::Mapping(mapping) => Ok(mapping),
        other => Err(ConfigProblem::Value {
            position: node.position,
            message: format!("{what} is a {}: expected a map", other.name()),
        }),
    }
}

/// The fields of a map. Where nothing stands, or only comments, there is a map without any.
pub(crate) fn fields_of<'a>(
    node: &'a Node,
    what: &'static str,
) -> Result<impl Iterator<Item = (&'a Key, &'a Node)>, ConfigProblem> {
    let mapping = match node.to_value(IntegerRange::Wrap)? {
        Value::Null => None,
        _ => Some(mapping(node, what)?),
    };
    Ok(mapping.into_iter().flat_map(Mapping::iter))
}

/// A text or a list of texts.
pub(crate) fn paths_of(node: &Node, field: &str) -> Result<Vec<PathBuf>, ConfigProblem> {
    match &node.kind {
        NodeKind::Sequence(items) => items.iter().map(|item| Ok(text_of(item, field)?.into())).collect(),
        _ => Ok(vec![text_of(node, field)?.into()]),
    }
}

/// A text that no message may repeat.
fn secret_of(node: &Node, field: &str) -> Result<String, ConfigProblem> {
    text_of(node, field).map_err(|_| ConfigProblem::Value {
        position: node.position,
        message: format!("`{field}` is not a text; what looks like something else needs quotes"),
    })
}

pub(crate) fn text_of(node: &Node, field: &str) -> Result<String, ConfigProblem> {
    let wrong = |message| ConfigProblem::Value { position: node.position, message };
    match (&node.kind, node.to_value(IntegerRange::Wrap)?) {
        (_, Value::String(text)) => Ok(text),
        (NodeKind::Scalar(scalar), _) => {
            let found = ampkg::quoted(&scalar.text);
            Err(wrong(format!(
                "`{field}` is {found}: expected a text; what looks like something else needs quotes"
            )))
        }
        (other, _) => Err(wrong(format!("`{field}` is a {}: expected a text", other.name()))),
    }
}

/// Why a configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read {}", ampkg::quoted(&.path.to_string_lossy()))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is larger than any configuration.
    #[error("{} has {found} bytes: expected at most {limit}", ampkg::quoted(&.path.to_string_lossy()))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// It says something that it must not.
    #[error("{} is not a valid configuration", ampkg::quoted(&.path.to_string_lossy()))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What, and where.
        #[source]
        problem: ConfigProblem,
    },
}

/// What is wrong in a configuration, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// Not YAML.
    #[error(transparent)]
    Yaml(#[from] YamlError),
    /// The number of documents is wrong.
    #[error("found {found} YAML documents: expected 2, the format and the configuration")]
    Documents {
        /// How many there are.
        found: usize,
    },
    /// The first document names another format.
    #[error(
        "{position}: found type {} version {}: expected type `amps-configuration` version `1`",
        ampkg::quoted(.kind),
        ampkg::quoted(.version)
    )]
    Format {
        /// Where it stands.
        position: Position,
        /// The type it names.
        kind: String,
        /// The version it names.
        version: String,
    },
    /// A field that does not exist.
    #[error("{position}: unknown field {}: expected one of {FIELDS}", ampkg::quoted(.field))]
    Unknown {
        /// Where it stands.
        position: Position,
        /// Its name.
        field: String,
    },
    /// A limit that does not exist.
    #[error("{position}: unknown limit {}: expected one of {}", ampkg::quoted(.field), LimitField::names())]
    UnknownLimit {
        /// Where it stands.
        position: Position,
        /// Its name.
        field: String,
    },
    /// A value that the field cannot have.
    #[error("{position}: {message}")]
    Value {
        /// Where it stands.
        position: Position,
        /// What is wrong with it.
        message: String,
    },
}

#[cfg(test)]
mod tests;
