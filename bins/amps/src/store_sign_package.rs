//! `amps store-sign-package`.

use std::path::PathBuf;

use amps_cli::{Failure, Outcome};
use amps_commands::StoreSign;
use amps_server::Config;
use clap::Args;

/// Verify a package and sign it for a device, or for all.
#[derive(Args)]
pub(crate) struct StoreSignPackage {
    #[command(flatten)]
    sign: StoreSign,

    /// Data directory whose amps-config.yaml says where the certificates lie
    #[arg(long = "data-directory", visible_alias = "dd", value_name = "DIR")]
    data_directory: Option<PathBuf>,
}

impl StoreSignPackage {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let config = Config::read(&self.data_directory.unwrap_or_else(|| PathBuf::from(".")))?;
        let hint = "name a PKCS#12 file with --sc, or with storeSignCertificate in amps-config.yaml";
        self.sign.run(config.certificates, hint)
    }
}
