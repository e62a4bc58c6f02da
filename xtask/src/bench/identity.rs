//! A certificate for 127.0.0.1 with its key, for servers that are compared over TLS.

use crate::error::Error;
use crate::root::{Root, run};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The files of a certificate and its key.
pub(super) struct Identity {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

impl Identity {
    /// Makes one with openssl: ECDSA with P-256, what certificates on the web have today.
    pub(super) fn new(root: &Root) -> Result<Self, Error> {
        let folder = root.join("target/bench");
        fs::create_dir_all(&folder).map_err(|error| Error::io(&folder, &error))?;
        let identity = Self { certificate: folder.join("tls.pem"), key: folder.join("tls.key") };
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]);
        command.args(["-days", "30", "-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1"]);
        command.arg("-keyout").arg(&identity.key).arg("-out").arg(&identity.certificate);
        run(&mut command)?;
        Ok(identity)
    }
}
