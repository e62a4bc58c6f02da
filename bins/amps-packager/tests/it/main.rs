//! Tests of the program `amps-packager`, as a process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod create_package;
mod create_pki;
mod inspect;
mod names;
mod pipes;
mod process;
mod reference_name;
mod signatures;
mod terminal;
mod yaml_to_json;
