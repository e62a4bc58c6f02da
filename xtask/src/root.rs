//! Where the repository begins, and the commands that are run from there.

use crate::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that holds the workspace's `Cargo.toml`.
#[derive(Debug)]
pub(crate) struct Root(PathBuf);

impl Root {
    /// Looks for it from the current folder upwards, as cargo does.
    pub(crate) fn find() -> Result<Self, Error> {
        let here = std::env::current_dir().map_err(|error| Error::io(".", &error))?;
        here.ancestors()
            .find(|folder| folder.join("xtask/Cargo.toml").is_file())
            .map(|folder| Self(folder.to_path_buf()))
            .ok_or_else(|| Error::unable(format!("`{}` is not inside the repository", here.display())))
    }

    /// The root of a tree that is known to be one.
    pub(crate) fn at(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.0.join(relative)
    }

    /// The cargo that runs this program, started from the root.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.0);
        command
    }
}

/// A command as a person would type it: program, then arguments.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy()];
    words.extend(command.get_args().map(|word| word.to_string_lossy()));
    words.join(" ")
}

/// Runs a command with this program's own output; a failure is the tree's.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::failed(format!("`{}` ended with {status}", shown(command))))
    }
}

/// Runs a command and takes what it prints; its complaints go to this program's own.
pub(crate) fn output(command: &mut Command) -> Result<String, Error> {
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        return Err(Error::failed(format!("`{}` ended with {}", shown(command), output.status)));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| Error::unable(format!("`{}` printed something else than UTF-8", shown(command))))
}

/// The error for a command that is not installed or may not be run.
pub(crate) fn not_started(command: &Command, source: &std::io::Error) -> Error {
    Error::unable(format!("`{}` could not be started: {source}", shown(command)))
}
