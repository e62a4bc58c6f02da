//! Tests of the program `amps-store-sign`, as a process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod secrets;
mod signing;

use std::process::Command;

fn store_sign() -> Command {
    amps_testkit::program(env!("CARGO_BIN_EXE_amps-store-sign"))
}

/// A file in `fixtures/pki`.
fn pki(name: &str) -> String {
    amps_testkit::fixture("pki").join(name).to_str().unwrap().to_owned()
}

/// A file in `fixtures/packages`.
fn package(name: &str) -> String {
    amps_testkit::fixture("packages").join(name).to_str().unwrap().to_owned()
}
