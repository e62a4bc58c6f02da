#![doc = include_str!("../README.md")]
//!
//! # Where to start
//! [`Recipe::find`] once for each file (or [`Recipe::find_from`], if something else inflates the file anyway), [`Recipe::splice`] for each new end, [`Spliced`] for what is then sent.

pub mod deflate;
mod error;
mod header;
mod landmark;
mod limits;
mod recipe;
mod source;
mod spliced;
mod survey;
mod tail;

pub use error::{Code, DeflateDefect, Error, HeaderDefect, LimitKind};
pub use landmark::Landmark;
pub use limits::Limits;
pub use recipe::Recipe;
pub use spliced::{Parts, Spliced, SplicedReader};
pub use tail::{TailPacker, tail_gzip};
