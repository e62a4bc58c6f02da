//! Databases that are not what they should be, and what of them is understood.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod columns;
mod damage;
mod hostile;
mod interrupted;
mod world;
