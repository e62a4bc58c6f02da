//! Writing a package: a tree of files -> entries -> tar blocks -> gzip.

mod disk_space;
mod gzip;
mod package;
mod tree;
mod tree_error;
mod ustar;

pub use disk_space::disk_space_used;
pub use gzip::ParallelGzip;
pub use package::{END_OF_ARCHIVE, FooterWriter, PackageWriter, footer_entries};
pub use tree::{Skipped, Tree, TreeEntry};
pub use tree_error::TreeError;
