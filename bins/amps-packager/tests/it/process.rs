//! The program as a process.

use std::process::Command;

pub(crate) use amps_testkit::{fixture, run};

pub(crate) fn packager() -> Command {
    amps_testkit::program(env!("CARGO_BIN_EXE_amps-packager"))
}
