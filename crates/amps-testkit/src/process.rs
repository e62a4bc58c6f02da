//! Programs of this workspace as processes, and where the test data lies.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// A program that is to be tested, `env!("CARGO_BIN_EXE_…")`: without colours, and with nothing on standard input. None of its own
/// variables is set, whatever the tester has in the environment.
pub fn program(path: &str) -> Command {
    let mut command = Command::new(path);
    command.env("NO_COLOR", "1").env_remove("AM_FORCE_COLOR_OUTPUT").stdin(Stdio::null());
    let own = ["AMPS_", "APPSTORE_"];
    for (name, _) in std::env::vars_os() {
        if own.iter().any(|prefix| name.as_encoded_bytes().starts_with(prefix.as_bytes())) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command to its end: exit code, standard output, standard error, both of which must be UTF-8.
///
/// # Panics
/// If it cannot be run, or prints something else.
pub fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}"));
    let text = |bytes| String::from_utf8(bytes).unwrap_or_else(|error| panic!("{command:?}: {error}"));
    (status.code(), text(stdout), text(stderr))
}

/// A file or a folder in `fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures")).join(name)
}
