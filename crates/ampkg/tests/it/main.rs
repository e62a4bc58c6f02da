//! Tests of the crate against real packages and hostile ones.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod damage;
mod fixtures;
mod foreign_tools;
mod golden;
mod hostile_archive;
mod hostile_gzip;
mod hostile_tar_header;
mod hostile_yaml;
mod landmarks;
mod limits;
mod reading;
mod round_trip;
mod tree;
