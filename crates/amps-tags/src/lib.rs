#![doc = include_str!("../README.md")]

mod error;
mod list;
mod rule;
mod specificity;
mod tag;
mod version;
mod vocabulary;

pub use error::{Error, Part};
pub use list::{MAX_TAGS, TagList};
pub use rule::{Misfit, Stated, TagRule, Wanted};
pub use specificity::Specificity;
pub use tag::{MAX_TAG_BYTES, Tag, TagRef};
pub use version::PackageVersion;
pub use vocabulary::{KnownTag, Verdicts, Vocabulary};
