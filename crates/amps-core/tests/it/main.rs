//! The store as its users see it: on a real folder and a real catalog, undisturbed and disturbed.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod attempt;
mod category_icon;
mod create;
mod data_dir;
mod deployment_faults;
mod development_pki;
mod faults;
mod faulty;
mod links;
mod listing;
mod login;
mod lookup;
mod refused;
mod releases_kept;
mod releases_kept_faults;
mod remove;
mod rescue;
mod signing;
mod start;
mod sweep;
mod threads;
mod token_tables;
mod upload;
mod world;
