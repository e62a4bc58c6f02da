#![doc = include_str!("../README.md")]

mod color;
mod failure;
mod outcome;
mod printable;
mod report;

pub use color::{Color, Environment, stderr, stdout};
pub use failure::{Failure, HintExt};
pub use outcome::Outcome;
pub use printable::Printable;
pub use report::{finish, report, write_report};
