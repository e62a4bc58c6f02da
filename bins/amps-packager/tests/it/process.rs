//! The program as a process.

use std::{
    path::PathBuf,
    process::{Command, Output, Stdio},
};

pub(crate) fn packager() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_amps-packager"));
    command.env("NO_COLOR", "1").env_remove("AM_FORCE_COLOR_OUTPUT").stdin(Stdio::null());
    command
}

/// Exit code, standard output, standard error.
pub(crate) fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../fixtures", name].iter().collect()
}
