#![doc = include_str!("../README.md")]
//!
//! # Where to start
//! [`Recipe::find`] once for each file, [`Recipe::splice`] for each new end, [`Spliced`] for what is then sent.

pub mod deflate;
mod error;
mod header;
mod limits;
mod recipe;
mod source;
mod spliced;
mod survey;
mod tail;

pub use error::{Code, DeflateDefect, Error, HeaderDefect, LimitKind};
pub use limits::Limits;
pub use recipe::Recipe;
pub use spliced::{Parts, Spliced, SplicedReader};
pub use tail::tail_gzip;
