//! Tests of the program `amps`, as a process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod accounts;
mod backup;
mod backup_refused;
mod check;
mod crash;
mod create_config;
mod damage;
mod deployment_server;
mod disk;
mod disk_full;
mod django;
mod doctor;
mod import_django;
mod import_django_killed;
mod import_django_refused;
mod killed;
mod killed_readers;
mod log;
mod operating;
mod options;
mod power_cut;
mod process;
mod reference_name;
mod remove_folder;
mod scene;
mod secrets;
mod serve;
mod signals;
mod signing;
mod signing_memory;
mod store_upload;
mod tls;
mod upload_folder;
mod watched;
