//! A folder with keys and certificates to try things out with: everything that signing and verifying needs.

mod readme;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use amps_pki::{CertificateAuthority, Identity, IssueError, KeyPair, KeyType, Password, Validity};

use crate::{clock::Timestamp, create::parent, signing::SigningError};

/// The password of such keys if nobody chose another one: the same as in the scripts of the Application Manager.
pub const DEVELOPMENT_PASSWORD: &str = "password";

/// How long everything counts, revocation lists too: ten years. What is only tried out should not need to be made again.
const VALID_SECONDS: i64 = 3653 * 24 * 60 * 60;

/// Why there is no such folder. Whatever it was, nothing was left behind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevelopmentPkiError {
    /// There is something in the folder.
    #[error("{} is not empty: expected an empty folder, or none", ampkg::quoted(&.path.to_string_lossy()))]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is named in a way in which it cannot be made, such as `.`.
    #[error("{} names no folder that can be made", ampkg::quoted(&.path.to_string_lossy()))]
    NoName {
        /// What was given.
        path: PathBuf,
    },
    /// The file system failed.
    #[error("cannot {action} {}", ampkg::quoted(&.path.to_string_lossy()))]
    Io {
        /// What was to be done, like `create`.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A certificate or a key could not be made.
    #[error("cannot make the certificates")]
    Issue(#[from] IssueError),
    /// The time cannot stand in a certificate.
    #[error("cannot make certificates that are valid from now on for ten years")]
    Clock(#[source] SigningError),
}

/// Makes `folder`, which must be empty or missing: a root, an authority for developers, developers and a store, with their
/// certificates, PKCS#12 files and revocation lists, valid for ten years from `now` on. Gives the text of the README that it
/// puts there.
///
/// Not for production: the keys of the authorities lie beside all others, under one password. `password` is that password;
/// without one it is [`DEVELOPMENT_PASSWORD`], and the README says so.
pub fn create_development_pki(
    folder: &Path,
    password: Option<&Password>,
    now: Timestamp,
) -> Result<String, DevelopmentPkiError> {
    check_free(folder)?;
    let default = Password::from(DEVELOPMENT_PASSWORD);
    let readme = readme::text(password.is_none());
    let people = People::new(validity(now)?)?;
    let beside = parent(folder);
    let failed = |action, path: &Path| {
        let path = path.to_owned();
        move |source| DevelopmentPkiError::Io { action, path, source }
    };
    let made = new_folder(&beside).map_err(failed("create a folder in", &beside))?;
    for (name, content) in people.files(password.unwrap_or(&default))? {
        write(&made.path().join(name), &content).map_err(failed("write", &folder.join(name)))?;
    }
    write(&made.path().join(readme::NAME), &Content::Public(readme.clone()))
        .map_err(failed("write", &folder.join(readme::NAME)))?;
    // Takes the place of an empty folder, and of nothing else.
    fs::rename(made.path(), folder).map_err(failed("create", folder))?;
    // There is nothing left to remove.
    let _ = made.keep();
    Ok(readme)
}

/// Refuses early what the last step would refuse.
fn check_free(folder: &Path) -> Result<(), DevelopmentPkiError> {
    if folder.file_name().is_none() {
        return Err(DevelopmentPkiError::NoName { path: folder.into() });
    }
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(DevelopmentPkiError::NotEmpty { path: folder.into() }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(DevelopmentPkiError::Io { action: "create", path: folder.into(), source }),
    }
}

/// A folder that is its owner's alone, and is removed if anything fails.
fn new_folder(beside: &Path) -> io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".amps-packager-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o700));
    }
    builder.tempdir_in(beside)
}

fn validity(now: Timestamp) -> Result<Validity, DevelopmentPkiError> {
    let until = Timestamp(now.0.saturating_add(VALID_SECONDS));
    let in_certificates = |time: Timestamp| time.for_certificates().map_err(DevelopmentPkiError::Clock);
    Ok(Validity::new(in_certificates(now)?, in_certificates(until)?)?)
}

/// What a file holds, and so who may read it.
enum Content {
    Public(String),
    Secret(Vec<u8>),
}

/// Writes a new file.
fn write(path: &Path, content: &Content) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let bytes = match content {
        Content::Public(text) => text.as_bytes(),
        Content::Secret(bytes) => {
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            bytes
        }
    };
    let mut file: File = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

/// Everybody who has a key.
struct People {
    root: CertificateAuthority,
    developers: CertificateAuthority,
    /// The names of their files, and who they are.
    signers: Vec<(Files, Identity)>,
    revoked: Identity,
    validity: Validity,
}

/// The names of the files of somebody.
struct Files {
    certificate: &'static str,
    key: &'static str,
}

const REVOKED: Files = Files { certificate: "dev-revoked.crt", key: "dev-revoked.p12" };

impl People {
    fn new(validity: Validity) -> Result<Self, IssueError> {
        let name = |name: &str| format!("CN={name},O=Development PKI (not for production)");
        let rsa = || KeyPair::generate(KeyType::Rsa2048);
        let root = CertificateAuthority::new_root(&name("Store CA"), rsa()?, validity)?;
        let developers = root.issue_authority(&name("Developer CA"), rsa()?, validity)?;
        let mut signers = Vec::new();
        for (certificate, key, common_name, kind) in [
            ("dev1.crt", "dev1.p12", "Developer 1", KeyType::Rsa2048),
            ("dev2.crt", "dev2.p12", "Developer 2", KeyType::Rsa2048),
            ("dev-ec.crt", "dev-ec.p12", "Developer with elliptic curve", KeyType::P256),
        ] {
            let signer = developers.issue_signer(&name(common_name), KeyPair::generate(kind)?, validity)?;
            signers.push((Files { certificate, key }, signer));
        }
        let revoked = KeyPair::generate(KeyType::P256)?;
        let revoked = developers.issue_signer(&name("Revoked developer"), revoked, validity)?;
        let store = root.issue_signer(&name("Store"), rsa()?, validity)?;
        signers.push((Files { certificate: "store.crt", key: "store.p12" }, store));
        Ok(Self { root, developers, signers, revoked, validity })
    }

    fn files(&self, password: &Password) -> Result<Vec<(&'static str, Content)>, IssueError> {
        let (root, developers) = (self.root.identity(), self.developers.identity());
        let chain = [developers.certificate_pem(), root.certificate_pem()].concat();
        let mut files = vec![("chain.crt", Content::Public(chain))];
        let authorities = [
            (Files { certificate: "ca.crt", key: "ca.p12" }, root),
            (Files { certificate: "devca.crt", key: "devca.p12" }, developers),
        ];
        let signers = self.signers.iter().map(|(files, signer)| (files, signer));
        let people = authorities.iter().map(|(files, authority)| (files, *authority));
        for (names, person) in people.chain(signers).chain([(&REVOKED, &self.revoked)]) {
            files.push((names.certificate, Content::Public(person.certificate_pem())));
            files.push((names.key, Content::Secret(person.to_pkcs12(password)?)));
        }
        let revoked = &[self.revoked.certificate_der()];
        files.push(("ca.crl", Content::Public(self.root.revocation_list(1, &[], self.validity)?)));
        files.push((
            "devca.crl",
            Content::Public(self.developers.revocation_list(1, revoked, self.validity)?),
        ));
        Ok(files)
    }
}
