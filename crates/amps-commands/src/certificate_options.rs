//! The options that name certificates and keys, the same in every program that needs them.

use std::{env, path::PathBuf};

use amps_cli::Failure;
use amps_core::{CertificateFiles, Password, SignerKeyUsage};
use clap::{Args, ValueEnum};

use crate::{password_from_file, variable};

/// The variable that may hold the store's password, so that it need not stand on a command line.
const PASSWORD_VARIABLE: &str = "AMPS_STORE_SIGN_PASSWORD";
/// The variables of the Qt Automotive Suite Deployment Server.
const OLD_CERTIFICATE: &str = "APPSTORE_STORE_SIGN_PKCS12_CERTIFICATE";
const OLD_PASSWORD: &str = "APPSTORE_STORE_SIGN_PKCS12_PASSWORD";
const OLD_CAS: &str = "APPSTORE_DEV_VERIFY_CA_CERTIFICATES";

/// Where certificates and keys lie.
#[derive(Args)]
pub struct CertificateOptions {
    /// PKCS#12 file with the store's key; with it, packages are signed
    #[arg(long = "sc", visible_alias = "store-sign-certificate", value_name = "FILE")]
    store_sign_certificate: Option<PathBuf>,

    /// Its password; others can see it in the list of processes, so better name a file or set `AMPS_STORE_SIGN_PASSWORD`
    #[arg(
        long = "sp",
        visible_alias = "store-sign-password",
        value_name = "PASSWORD",
        conflicts_with = "password_file"
    )]
    store_sign_password: Option<String>,

    /// File with its password in the first line
    #[arg(long = "store-sign-password-file", value_name = "FILE", id = "password_file")]
    store_sign_password_file: Option<PathBuf>,

    /// CA certificate, PEM, that developers' certificates must lead to; may be given several times
    #[arg(long = "dc", visible_alias = "developer-verification-ca-certificate", value_name = "FILE")]
    developer_cas: Vec<PathBuf>,

    /// Certificate revocation list for them; may be given several times
    #[arg(long = "developer-verification-crl", value_name = "FILE")]
    developer_crls: Vec<PathBuf>,

    /// Whether a developer's certificate must be made for signing [default: strict]
    #[arg(long, value_enum)]
    signer_key_usage: Option<Usage>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Usage {
    Strict,
    Any,
}

impl From<Usage> for SignerKeyUsage {
    fn from(usage: Usage) -> Self {
        match usage {
            Usage::Strict => Self::Strict,
            Usage::Any => Self::Any,
        }
    }
}

/// What the options say themselves, wherever else settings may come from.
#[derive(Clone, Copy)]
pub struct StatedCertificates<'o> {
    /// `--sc`: one file or none.
    pub store: &'o [PathBuf],
    /// `--sp`.
    pub store_password: Option<&'o str>,
    /// `--dc`.
    pub developer_cas: &'o [PathBuf],
    /// `--developer-verification-crl`.
    pub developer_crls: &'o [PathBuf],
    /// `--signer-key-usage`.
    pub signer_key_usage: Option<SignerKeyUsage>,
}

/// Whether the variables of the Django server count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OldVariables {
    /// They count, less than options.
    Count,
    /// They are passed over.
    DoNotCount,
}

impl CertificateOptions {
    /// What stands on the command line.
    pub fn stated(&self) -> StatedCertificates<'_> {
        StatedCertificates {
            store: self.store_sign_certificate.as_slice(),
            store_password: self.store_sign_password.as_deref(),
            developer_cas: &self.developer_cas,
            developer_crls: &self.developer_crls,
            signer_key_usage: self.signer_key_usage.map(SignerKeyUsage::from),
        }
    }

    /// What the options say, else the environment, else `configured`.
    pub fn or(self, configured: CertificateFiles, old: OldVariables) -> Result<CertificateFiles, Failure> {
        let mut files = configured;
        if old == OldVariables::Count {
            if let Some(file) = variable(OLD_CERTIFICATE)? {
                files.store = Some(file.into());
            }
            if let Some(password) = variable(OLD_PASSWORD)? {
                files.store_password = Some(Password::new(password));
            }
            if let Some(list) = variable(OLD_CAS)? {
                files.developer_cas = env::split_paths(&list).collect();
            }
        }
        if let Some(password) = variable(PASSWORD_VARIABLE)? {
            files.store_password = Some(Password::new(password));
        }
        if let Some(file) = self.store_sign_certificate {
            files.store = Some(file);
        }
        if let Some(password) = self.store_sign_password {
            files.store_password = Some(Password::new(password));
        }
        if let Some(file) = self.store_sign_password_file {
            files.store_password = Some(password_from_file(&file)?);
        }
        if !self.developer_cas.is_empty() {
            files.developer_cas = self.developer_cas;
        }
        if !self.developer_crls.is_empty() {
            files.developer_crls = self.developer_crls;
        }
        if let Some(usage) = self.signer_key_usage {
            files.signer_key_usage = usage.into();
        }
        Ok(files)
    }
}
