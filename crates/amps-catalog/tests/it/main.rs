//! The catalog as its users see it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod access_tokens;
mod accounts;
mod audit;
mod damage;
mod downloads;
mod drafts;
mod file;
mod generations;
mod identities;
mod links;
mod look;
mod migration;
mod model;
mod quotas;
mod recipes;
mod releases;
mod sessions;
mod set_aside;
mod store_entries;
mod upgrade;
