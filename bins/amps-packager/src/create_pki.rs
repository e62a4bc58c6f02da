//! `amps-packager create-pki`.

use std::{io::Write as _, path::PathBuf};

use amps_cli::{Failure, Outcome};
use amps_commands::password_from_file;
use amps_core::{Password, create_development_pki};
use clap::Args;

use crate::{
    keys::{now, password_variable},
    shown,
};

/// Make keys and certificates to try things out with; never for production.
///
/// A root, an authority for developers, developers, a store and revocation lists, valid for ten years; README.md in the folder,
/// which is also printed, says how to use them. The folder appears when it is complete, or not at all.
#[derive(Args)]
pub(crate) struct CreatePki {
    /// The folder to make; it must be empty or missing
    directory: PathBuf,

    /// Password of all key files; else the variable `AMPS_SIGN_PASSWORD`, else `password`
    #[arg(long, value_name = "PASSWORD", conflicts_with = "password_file")]
    password: Option<String>,

    /// File with the password in its first line
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl CreatePki {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let password = match (self.password, self.password_file) {
            (Some(password), _) => Some(Password::new(password)),
            (None, Some(file)) => Some(password_from_file(&file)?),
            (None, None) => password_variable()?,
        };
        let readme = create_development_pki(&self.directory, password.as_ref(), now())?;
        shown(amps_cli::stdout().write_all(readme.as_bytes()))
    }
}
