#![doc = include_str!("../README.md")]
//!
//! # Where to start
//! [`read`] makes an [`UnverifiedPackage`] of a stream, [`UnverifiedPackage::verify`] a [`VerifiedPackage`] of that.
//! [`Tree::scan`] and [`PackageWriter`] go the other way. The rules are those of `docs/format.md` in the repository.

mod digest;
mod entry;
mod error;
mod id;
mod layout;
mod limits;
mod manifest;
mod metadata;
mod package;
mod quote;
mod read;
mod write;
pub mod yaml;

pub use digest::{Digest, DigestFit, DigestForm, Digester, Digests, InvalidDigest};
pub use entry::{Entry, EntryKind, EntryPath, PathDefect};
pub use error::{Error, ErrorClass, LimitKind};
pub use id::{IdDefect, PackageId};
pub use limits::Limits;
pub use manifest::{Application, Intent, Manifest, ManifestError, ManifestForm, Visibility};
pub use metadata::{Footer, FooterField, FooterPlace, FormatVersion, Header, MetadataError};
pub use package::{Icon, Package, UnverifiedPackage, VerifiedPackage, Warning};
pub use quote::{escaped, quoted};
pub use read::{GzipLandmark, Visitor, read};
pub use write::{
    END_OF_ARCHIVE, FooterWriter, PackageWriter, ParallelGzip, Skipped, Tree, TreeEntry, TreeError,
    disk_space_used, footer_entries,
};
