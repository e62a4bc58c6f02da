//! `amps-config.yaml`: settings that stay.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use ampkg::yaml::{
    IntegerRange, Key, Mapping, Node, NodeKind, Position, Value, YamlError, YamlLimits, parse,
};

use amps_core::{CertificateFiles, Password, SignerKeyUsage};

use crate::{
    access::AnonymousAccess,
    config_deployment::deployment_of,
    config_tls::{files_of, tls_of},
    deployment_server::DeploymentSettings,
    limits::{LimitField, ServerLimits},
    listen_address::ListenAddress,
    project_id::ProjectId,
    tls_settings::TlsFields,
};

/// The name of the file in the data directory.
pub const CONFIG_FILE: &str = "amps-config.yaml";
/// Bytes that the file may have; a real one has a few hundred.
const CONFIG_BYTES: u64 = 1024 * 1024;

/// For messages.
const FIELDS: &str = "listenAddress, projectId, anonymousAccess, storeSignCertificate, storeSignPassword, \
    developerVerificationCaCertificates, developerVerificationCrls, signerKeyUsage, limits, deploymentServer, tls";

/// What the file says; what it does not say is not set.
#[derive(Debug, Default)]
pub struct Config {
    /// `listenAddress`.
    pub listen_address: Option<ListenAddress>,
    /// `projectId`.
    pub project_id: Option<ProjectId>,
    /// `anonymousAccess`.
    pub anonymous_access: Option<AnonymousAccess>,
    /// `storeSignCertificate`, `storeSignPassword`, `developerVerificationCaCertificates`, `developerVerificationCrls` and
    /// `signerKeyUsage`.
    pub certificates: CertificateFiles,
    /// `limits`; those that it does not name are the defaults.
    pub limits: ServerLimits,
    /// `deploymentServer`; without it, that interface is not there.
    pub deployment: Option<DeploymentSettings>,
    /// `tls`; without a certificate, there is no TLS.
    pub tls: TlsFields,
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
                "tls" => config.tls = tls_of(node)?,
                "deploymentServer" => config.deployment = Some(deployment_of(node)?),
                _ => return Err(ConfigProblem::Unknown { position: key.position, field: key.text.clone() }),
            }
        }
        Ok(config)
    }
}

/// Names of limits with numbers.
fn limits_of(node: &Node) -> Result<ServerLimits, ConfigProblem> {
    let mut limits = ServerLimits::default();
    for (key, node) in fields_of(node, "`limits`")? {
        let Some(field) = LimitField::of(&key.text) else {
            return Err(ConfigProblem::UnknownLimit { position: key.position, field: key.text.clone() });
        };
        let invalid = |error| ConfigProblem::Value { position: node.position, message: format!("{error}") };
        let number = match node.to_value(IntegerRange::Wrap)? {
            Value::Int32(number) => u64::try_from(number).ok(),
            Value::Int64(number) => u64::try_from(number).ok(),
            Value::UInt64(number) => Some(number),
            _ => None,
        };
        let number = number.ok_or_else(|| {
            let found = match &node.kind {
                NodeKind::Scalar(scalar) => scalar.text.clone(),
                other => format!("a {}", other.name()),
            };
            invalid(field.invalid(found))
        })?;
        field.check(number).map_err(invalid)?;
        (field.set)(&mut limits, number);
    }
    Ok(limits)
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
mod tests {
    use super::*;

    const HEAD: &str = "formatType: amps-configuration\nformatVersion: 1\n---\n";

    #[test]
    fn reads_its_fields() {
        let text = "listenAddress: 'any:80'\nanonymousAccess: read\nprojectId: CAR\nstoreSignCertificate: s.p12\nstoreSignPassword: geheim\n\
            developerVerificationCaCertificates: [a.crt, b.crt]\ndeveloperVerificationCrls: a.crl\nsignerKeyUsage: any\n";
        let config = Config::parse(format!("{HEAD}{text}").as_bytes()).unwrap();
        assert_eq!(config.listen_address.unwrap().to_string(), "any:80");
        assert_eq!(config.project_id.as_ref().unwrap().as_str(), "CAR");
        assert_eq!(config.anonymous_access, Some(AnonymousAccess::Read));
        assert!(!format!("{:?}", config.certificates).contains("geheim"));
        let CertificateFiles { store, store_password, developer_cas, developer_crls, signer_key_usage } =
            config.certificates;
        assert_eq!(store, Some("s.p12".into()));
        assert!(store_password.is_some());
        assert_eq!(developer_cas, [PathBuf::from("a.crt"), "b.crt".into()]);
        assert_eq!(developer_crls, [PathBuf::from("a.crl")]);
        assert_eq!(signer_key_usage, SignerKeyUsage::Any);
        let empty = Config::parse(format!("{HEAD}{{}}").as_bytes()).unwrap();
        assert!(
            empty.listen_address.is_none()
                && empty.project_id.is_none()
                && empty.certificates.store.is_none()
        );
    }

    #[test]
    fn reads_limits() {
        let text = "limits:\n  connections: 7\n  packageBytes: 0x100000\n  headSeconds: 1_0\n";
        let limits = Config::parse(format!("{HEAD}{text}").as_bytes()).unwrap().limits;
        assert_eq!(
            limits.differing().collect::<Vec<_>>(),
            [("packageBytes", 1 << 20), ("connections", 7), ("headSeconds", 10)]
        );
        for (text, message) in [
            ("connections: 0", "the limit `connections` is `0`: expected a number from 1 to 1000000"),
            (
                "connections: 1000001",
                "the limit `connections` is `1000001`: expected a number from 1 to 1000000",
            ),
            ("connections: -1", "the limit `connections` is `-1`: expected a number from 1 to 1000000"),
            ("connections: '7'", "the limit `connections` is `7`: expected a number from 1 to 1000000"),
            ("connections: 7.5", "the limit `connections` is `7.5`: expected a number from 1 to 1000000"),
            ("connections: [7]", "the limit `connections` is `a list`: expected a number from 1 to 1000000"),
        ] {
            let error = Config::parse(format!("{HEAD}limits:\n  {text}\n").as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), format!("line 5, column 16: {message}"));
        }
        let error = Config::parse(format!("{HEAD}limits: {{ conections: 7 }}\n").as_bytes()).unwrap_err();
        let start =
            "line 4, column 11: unknown limit `conections`: expected one of packageBytes, unpackedBytes, ";
        assert!(error.to_string().starts_with(start), "{error}");
    }

    #[test]
    fn a_file_of_comments_sets_nothing() {
        for fields in ["", "# projectId: 'X'\n", "~\n", "{}\n", "limits:\n", "limits:\n  # connections: 5\n"]
        {
            let text = format!("formatType: amps-configuration\nformatVersion: 1\n---\n{fields}");
            let config = Config::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{fields}: {error}"));
            assert_eq!((config.project_id, config.limits), (None, ServerLimits::default()), "{fields}");
        }
    }

    #[test]
    fn files_lie_beside_the_configuration_or_where_it_was_started() {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("{HEAD}developerVerificationCaCertificates: [here.crt, elsewhere.crt]\n");
        fs::write(folder.path().join(CONFIG_FILE), text).unwrap();
        fs::write(folder.path().join("here.crt"), "").unwrap();
        let config = Config::read(folder.path()).unwrap();
        assert_eq!(
            config.certificates.developer_cas,
            [folder.path().join("here.crt"), "elsewhere.crt".into()]
        );
    }

    #[test]
    fn names_what_is_wrong_and_where() {
        for (text, message) in [
            (
                format!("{HEAD}projectid: x\n"),
                "line 4, column 1: unknown field `projectid`: expected one of listenAddress, projectId, anonymousAccess, storeSignCertificate, storeSignPassword, developerVerificationCaCertificates, developerVerificationCrls, signerKeyUsage, limits, deploymentServer, tls",
            ),
            (
                format!("{HEAD}projectId: ''\n"),
                "line 4, column 12: `` is not a project id: expected printable ASCII, at least one character",
            ),
            (
                format!("{HEAD}projectId: 2024\n"),
                "line 4, column 12: `projectId` is `2024`: expected a text; what looks like something else needs quotes",
            ),
            (
                format!("{HEAD}projectId: ~\n"),
                "line 4, column 12: `projectId` is `~`: expected a text; what looks like something else needs quotes",
            ),
            (format!("{HEAD}projectId: [x]\n"), "line 4, column 12: `projectId` is a list: expected a text"),
            (
                format!("{HEAD}listenAddress: ''\n"),
                "line 4, column 16: `` is not a listen address: expected `<ip>`, `any` or `localhost`, optionally with `:port`",
            ),
            (
                format!("{HEAD}anonymousAccess: no\n"),
                "line 4, column 18: `anonymousAccess` is `no`: expected a text; what looks like something else needs quotes",
            ),
            (
                format!("{HEAD}anonymousAccess: some\n"),
                "line 4, column 18: `some` is not what everybody may do: expected `none`, `read` or `all`",
            ),
            (
                format!("{HEAD}signerKeyUsage: lax\n"),
                "line 4, column 17: `signerKeyUsage` is `lax`: expected `strict` or `any`",
            ),
            (
                format!("{HEAD}storeSignPassword: 12345\n"),
                "line 4, column 20: `storeSignPassword` is not a text; what looks like something else needs quotes",
            ),
            ("projectId: x\n".into(), "found 1 YAML documents: expected 2, the format and the configuration"),
            (
                "formatType: am-package\nformatVersion: 1\n---\n{}\n".into(),
                "line 1, column 1: found type `am-package` version `1`: expected type `amps-configuration` version `1`",
            ),
            (format!("{HEAD}- x\n"), "line 4, column 1: the configuration is a list: expected a map"),
        ] {
            assert_eq!(Config::parse(text.as_bytes()).unwrap_err().to_string(), message);
        }
    }
}
