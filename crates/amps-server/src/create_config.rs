//! `--create-config`: settings from the command line are written into `amps-config.yaml`.

use std::{
    fs::{self, File, Permissions},
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use ampkg::yaml::{Map, Value, YamlError};

use crate::{
    access::AnonymousAccess,
    config::{CONFIG_FILE, Config, ConfigError},
    config_edit::{anew, edit},
    listen_address::ListenAddress,
    project_id::ProjectId,
    tls_settings::{HardwareIdFrom, TlsFields},
};

const PASSWORD: &str = "storeSignPassword";
const TLS: &str = "tls";
/// What a file that holds a password allows: reading and writing, for its owner.
const SECRET_MODE: u32 = 0o600;
/// What another one allows, less what the process is told to leave out (its umask).
const PUBLIC_MODE: u32 = 0o666;

/// Settings that are to stay.
#[derive(Default)]
pub struct ConfigChanges {
    fields: Map,
}

/// How the file is after it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readable {
    /// By whom the system says.
    ByOthers,
    /// By its owner: it holds a password.
    ByOwner,
}

impl ConfigChanges {
    /// Sets `listenAddress`.
    pub fn listen_address(&mut self, address: ListenAddress) {
        self.set("listenAddress", address.to_string());
    }

    /// Sets `projectId`.
    pub fn project_id(&mut self, id: &ProjectId) {
        self.set("projectId", id.to_string());
    }

    /// Sets `anonymousAccess`.
    pub fn anonymous_access(&mut self, access: AnonymousAccess) {
        self.set("anonymousAccess", access.to_string());
    }

    /// Sets a field to a text, which may be a password.
    pub fn set(&mut self, field: &str, text: String) {
        self.fields.insert(field.into(), Value::String(text));
    }

    /// Sets a field to the names of files. They are relative to the current directory; in the file stands what finds them from
    /// anywhere: a name relative to the data directory, if they lie in it, or else an absolute one.
    pub fn files(
        &mut self,
        field: &str,
        files: &[PathBuf],
        data_directory: &Path,
    ) -> Result<(), CreateConfigError> {
        self.fields.insert(field.into(), names_of(files, data_directory)?);
        Ok(())
    }

    /// Sets the fields of `tls` that are said; the others stay as they are.
    pub fn tls(&mut self, tls: &TlsFields, data_directory: &Path) -> Result<(), CreateConfigError> {
        let mut fields = Map::new();
        let files = [
            ("certificate", tls.certificate.as_slice()),
            ("key", tls.key.as_slice()),
            ("clientCa", &tls.client_cas),
            ("clientCrls", &tls.client_crls),
        ];
        for (field, files) in files.into_iter().filter(|(_, files)| !files.is_empty()) {
            fields.insert(field.into(), names_of(files, data_directory)?);
        }
        if let Some(clients) = tls.client_certificates {
            fields.insert("clientCertificates".into(), Value::String(clients.to_string()));
        }
        if let Some(from) = tls.hardware_id_from {
            fields.insert("hardwareIdFrom".into(), Value::String(from.to_string()));
        }
        if !fields.is_empty() {
            self.fields.insert(TLS.into(), Value::Map(fields));
        }
        Ok(())
    }

    /// Writes what differs from the defaults into the configuration of a data directory, in one step or not at all. What
    /// stands there already stays, or is replaced.
    pub fn write(mut self, data_directory: &Path) -> Result<Readable, CreateConfigError> {
        // A link stays a link.
        let path = data_directory.join(CONFIG_FILE);
        let path = path.canonicalize().unwrap_or(path);
        let before = Before::read(data_directory, &path)?;
        if let Some(Value::Map(tls)) = self.fields.get_mut(TLS) {
            let own_key = tls.contains_key("certificate");
            let mut all = match before.fields.get(TLS) {
                Some(Value::Map(all)) => all.clone(),
                _ => Map::new(),
            };
            if own_key {
                all.remove("key"); // it is that of another certificate
            }
            all.append(tls);
            let said = |name: &str| matches!(before.fields.get(TLS), Some(Value::Map(map)) if map.contains_key(name));
            all.retain(|name, value| {
                let default = HardwareIdFrom::CommonName.to_string();
                name != "hardwareIdFrom" || *value != Value::String(default) || said(name)
            });
            *tls = all;
        }
        self.fields.retain(|name, value| before.fields.contains_key(name) || !is_default(name, value));
        let text =
            before.text.as_ref().map_or_else(|| Ok(anew(&self.fields)), |text| edit(text, &self.fields))?;
        let has_password = self.fields.contains_key(PASSWORD) || before.fields.contains_key(PASSWORD);
        let mode = match (has_password, before.mode) {
            (true, _) => SECRET_MODE,
            (false, mode) => mode.unwrap_or(PUBLIC_MODE),
        };
        if before.text.as_ref() != Some(&text) || has_password && before.mode != Some(mode) {
            replace(&path, &text, mode).map_err(|source| CreateConfigError::Write { path, source })?;
        }
        Ok(if has_password { Readable::ByOwner } else { Readable::ByOthers })
    }
}

/// The file as it was.
#[derive(Default)]
struct Before {
    text: Option<String>,
    fields: Map,
    mode: Option<u32>,
}

impl Before {
    fn read(data_directory: &Path, path: &Path) -> Result<Self, CreateConfigError> {
        // Checks its size and what it says.
        Config::read(data_directory)?;
        let unreadable = |source| CreateConfigError::Config(ConfigError::Read { path: path.into(), source });
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(unreadable(error)),
        };
        let mode = fs::metadata(path).map_err(unreadable)?.permissions().mode() & 0o777;
        let fields = crate::config_edit::values(&text)?.into_iter().nth(1).unwrap_or_default();
        Ok(Self { text: Some(text), fields, mode: Some(mode) })
    }
}

fn is_default(name: &str, value: &Value) -> bool {
    let default = match name {
        "listenAddress" => ListenAddress::default().to_string(),
        "projectId" => ProjectId::default().to_string(),
        "signerKeyUsage" => "strict".into(),
        _ => return false,
    };
    *value == Value::String(default)
}

/// One name, or a list of them.
fn names_of(files: &[PathBuf], data_directory: &Path) -> Result<Value, CreateConfigError> {
    let names = files.iter().map(|file| name_of(file, data_directory).map(Value::String));
    Ok(match names.collect::<Result<Vec<_>, _>>()? {
        names if names.len() == 1 => names.into_iter().next().unwrap_or(Value::Null),
        names => Value::List(names),
    })
}

fn name_of(file: &Path, data_directory: &Path) -> Result<String, CreateConfigError> {
    let absolute = |path: &Path| {
        std::path::absolute(path).map_err(|source| CreateConfigError::Write { path: path.into(), source })
    };
    let (full, folder) = (absolute(file)?, absolute(data_directory)?);
    let real = folder.canonicalize().unwrap_or_else(|_| folder.clone());
    let inside = full.strip_prefix(&folder).or_else(|_| full.strip_prefix(&real)).ok();
    let is_plain =
        |path: &&Path| path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    let name = inside.filter(is_plain).unwrap_or(&full);
    name.to_str().map(str::to_owned).ok_or_else(|| CreateConfigError::NotUtf8 { path: name.into() })
}

fn replace(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".amps-config.").permissions(Permissions::from_mode(mode));
    let mut file = builder.tempfile_in(folder)?;
    if mode != PUBLIC_MODE {
        // Just so, whatever the umask says.
        file.as_file().set_permissions(Permissions::from_mode(mode))?;
    }
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(folder)?.sync_all()
}

/// Why a configuration cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateConfigError {
    /// The one that is there cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The one that is there cannot be changed.
    #[error("cannot change amps-config.yaml")]
    Yaml(#[from] YamlError),
    /// It cannot be written.
    #[error("cannot write {}", ampkg::quoted(&.path.to_string_lossy()))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file has a name that cannot stand in a configuration.
    #[error("the name of {} is not UTF-8, and so cannot stand in amps-config.yaml", ampkg::quoted(&.path.to_string_lossy()))]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
}
