//! The options that name certificates and keys, which other programs have too.

use std::path::{Path, PathBuf};

use amps_core::SignerKeyUsage;
use amps_server::{ConfigChanges, CreateConfigError};

pub(crate) use amps_commands::{CertificateOptions, OldVariables};

/// Enters into the configuration what the options say. A password that is not one of them has another place, and stays there.
pub(crate) fn enter(
    options: &CertificateOptions,
    changes: &mut ConfigChanges,
    data_directory: &Path,
) -> Result<(), CreateConfigError> {
    let stated = options.stated();
    let mut files = |field, files: &[PathBuf]| match files {
        [] => Ok(()),
        files => changes.files(field, files, data_directory),
    };
    files("storeSignCertificate", stated.store)?;
    files("developerVerificationCaCertificates", stated.developer_cas)?;
    files("developerVerificationCrls", stated.developer_crls)?;
    if let Some(password) = stated.store_password {
        changes.set("storeSignPassword", password.into());
    }
    if let Some(usage) = stated.signer_key_usage {
        let word = match usage {
            SignerKeyUsage::Strict => "strict",
            SignerKeyUsage::Any => "any",
        };
        changes.set("signerKeyUsage", word.into());
    }
    Ok(())
}
