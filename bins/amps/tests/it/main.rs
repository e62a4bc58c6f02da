//! Tests of the program `amps`, as a process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod crash;
mod damage;
mod disk;
mod disk_full;
mod killed;
mod killed_readers;
mod options;
mod power_cut;
mod process;
mod scene;
mod secrets;
mod serve;
mod signals;
mod signing;
mod signing_memory;
