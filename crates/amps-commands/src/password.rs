//! Where passwords come from, other than the command line, which every user of a machine can read.

use std::{
    env,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use amps_cli::Failure;
use amps_core::Password;

/// The largest password file that is read, in bytes, inclusive.
pub const PASSWORD_FILE_BYTES: u64 = 64 * 1024;

/// Why a file gives no password. Says nothing of what is in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum PasswordFileError {
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is larger than [`PASSWORD_FILE_BYTES`].
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The first line is not UTF-8.
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
}

impl std::fmt::Display for PasswordFileError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read { path, .. } => {
                write!(formatter, "cannot read the password file `{}`", path.display())
            }
            Self::TooLarge { path } => write!(
                formatter,
                "the password file `{}` has more than {PASSWORD_FILE_BYTES} bytes",
                path.display()
            ),
            Self::NotUtf8 { path } => {
                write!(formatter, "the first line of the password file `{}` is not UTF-8", path.display())
            }
        }
    }
}

impl std::error::Error for PasswordFileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { source, .. } => Some(source),
            Self::TooLarge { .. } | Self::NotUtf8 { .. } => None,
        }
    }
}

/// The first line of a file, without its end.
pub fn password_from_file(path: &Path) -> Result<Password, PasswordFileError> {
    let unreadable = |source| PasswordFileError::Read { path: path.into(), source };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(PASSWORD_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > PASSWORD_FILE_BYTES {
        return Err(PasswordFileError::TooLarge { path: path.into() });
    }
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    bytes.truncate(end);
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    match String::from_utf8(bytes) {
        Ok(line) => Ok(Password::new(line)),
        Err(_) => Err(PasswordFileError::NotUtf8 { path: path.into() }),
    }
}

/// The value of a variable of the environment, if it is set.
pub fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(env::VarError::NotPresent) => Ok(None),
        // The value is not shown: it may be a password.
        Err(env::VarError::NotUnicode(_)) => {
            Err(Failure::message(format!("the variable {name} is not UTF-8")))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Password, PasswordFileError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        password_from_file(file.path())
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_without_what_is_in_it() {
        let limit = usize::try_from(PASSWORD_FILE_BYTES).unwrap();
        assert!(read(&vec![b'x'; limit]).is_ok());
        assert!(matches!(read(&vec![b'x'; limit + 1]), Err(PasswordFileError::TooLarge { .. })));
        let error = read(b"open sesame\xff\n").unwrap_err();
        assert!(matches!(error, PasswordFileError::NotUtf8 { .. }));
        assert!(!format!("{error} {error:?}").contains("sesame"));
        assert!(matches!(password_from_file(Path::new("/nowhere")), Err(PasswordFileError::Read { .. })));
        // What stands below the first line may be anything.
        assert!(read(b"open sesame\n\xff").is_ok());
    }
}
