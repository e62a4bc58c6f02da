//! The password of a new user: asked for, or from standard input; never from the command line, which others can read.

use std::io::{Read as _, stdin};

use amps_cli::{Failure, HintExt as _, Outcome};
use amps_core::{
    Password,
    accounts::{MAX_PASSWORD_BYTES, PasswordHash},
};
use clap::Args;

use super::catalog::failure;

/// Where the password comes from.
#[derive(Args)]
pub(super) struct NewPassword {
    /// Take the first line of standard input as the password, instead of asking for it
    #[arg(long)]
    password_stdin: bool,
}

impl NewPassword {
    pub(super) fn hash(&self) -> Result<PasswordHash, Failure> {
        let password = if self.password_stdin { first_line()? } else { asked()? };
        PasswordHash::create(&password).map_err(failure)
    }
}

fn first_line() -> Result<Password, Failure> {
    let mut bytes = Vec::new();
    // One more than the largest that is taken, and the end of its line.
    stdin().lock().take(MAX_PASSWORD_BYTES as u64 + 3).read_to_end(&mut bytes)?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match str::from_utf8(line) {
        Ok(line) => Ok(Password::from(line)),
        Err(_) => Err(Failure::message("the password is not UTF-8").with_outcome(Outcome::No)),
    }
}

fn asked() -> Result<Password, Failure> {
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt)
            .map(Password::new)
            .hint("without a terminal, give the password with --password-stdin")
    };
    let (password, again) = (ask("Password: ")?, ask("Password (again): ")?);
    if password.as_str() != again.as_str() {
        return Err(Failure::message("the two passwords are not the same").with_outcome(Outcome::No));
    }
    Ok(password)
}
