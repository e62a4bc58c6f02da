#![doc = include_str!("../README.md")]

mod digest;
mod gzip;
mod half_file;
mod markdown;
mod package;
mod process;
mod tar;
mod tar_entry;
mod tar_name;

pub use digest::{digest, hex};
pub use gzip::Gzip;
pub use half_file::HalfFile;
pub use markdown::{Part, blocks_in, parts};
pub use package::PackageBuilder;
pub use process::{fixture, program, run};
pub use tar::Archive;
pub use tar_entry::TarEntry;
pub use tar_name::LongName;
#[cfg(feature = "browser")]
pub use thirtyfour;
