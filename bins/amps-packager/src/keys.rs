//! Keys and certificates as the packager's commands name them.

use std::path::Path;

use amps_cli::Failure;
use amps_commands::variable;
use amps_core::{CertificateFiles, Certificates, Clock as _, Password, SystemClock, Timestamp};

/// The variable that may hold the password of a key.
const PASSWORD_VARIABLE: &str = "AMPS_SIGN_PASSWORD";

/// Reads a PKCS#12 file; its certificate must be valid now.
pub(crate) fn signer(
    file: &Path,
    password: String,
) -> Result<std::sync::Arc<dyn amps_core::SigningKey>, Failure> {
    let files = CertificateFiles {
        store: Some(file.into()),
        store_password: Some(password_of(password)?),
        ..CertificateFiles::default()
    };
    files.load(now())?.store.ok_or_else(|| Failure::message("there is no key"))
}

/// Reads CA certificates, at least one.
pub(crate) fn anchors(files: Vec<std::path::PathBuf>) -> Result<amps_core::TrustAnchors, Failure> {
    let files = CertificateFiles { developer_cas: files, ..CertificateFiles::default() };
    let Certificates { developers, .. } = files.load(now())?;
    developers.ok_or_else(|| Failure::message("there is no CA certificate"))
}

pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

/// A password as an argument. Where that is empty, [`PASSWORD_VARIABLE`] is taken, so that it need not stand on a command line.
fn password_of(password: String) -> Result<Password, Failure> {
    if !password.is_empty() {
        return Ok(Password::new(password));
    }
    Ok(password_variable()?.unwrap_or_else(|| Password::new(password)))
}

/// The password in [`PASSWORD_VARIABLE`], if that is set.
pub(crate) fn password_variable() -> Result<Option<Password>, Failure> {
    Ok(variable(PASSWORD_VARIABLE)?.map(Password::new))
}
