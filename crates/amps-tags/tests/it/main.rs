//! The laws of tags and versions, for any input.
#![allow(clippy::unwrap_used)]

mod hostile;
mod lists;
mod rules;
mod strategies;
mod versions;
