//! Whether a store can do its work here: what it depends on, each thing with a finding that says how it is and what to do.

mod certificates;
mod clock;
mod disk;
mod permissions;

pub use certificates::certificates;
pub use clock::clock;
pub use disk::{disk, hard_links};
pub use permissions::{Secrecy, data_directory, private_file};

/// A path in words for people.
fn text(path: &std::path::Path) -> String {
    path.to_string_lossy().into_owned()
}
