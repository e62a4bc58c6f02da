//! The names that came by: no name twice, no child before its parent.

use std::collections::HashMap;

use crate::{
    entry::{EntryKind, EntryPath, PathDefect},
    error::{Error, LimitKind},
    limits::Limits,
};

/// Every canonical name of a package and what it is.
#[derive(Default)]
pub(super) struct Names {
    kinds: HashMap<Box<str>, EntryKind>,
    bytes: u64,
}

impl Names {
    /// Adds an entry's name.
    pub(super) fn add(&mut self, path: &EntryPath, kind: EntryKind, limits: &Limits) -> Result<(), Error> {
        let canonical = path.canonical();
        let refuse = |defect| Err(Error::Path { path: path.as_written().into(), defect });
        if let Some((parent, _)) = canonical.rsplit_once('/') {
            match self.kinds.get(parent) {
                Some(EntryKind::Directory) => {}
                Some(EntryKind::File) => return refuse(PathDefect::ParentIsFile),
                None => return refuse(PathDefect::MissingParent),
            }
        }
        // As written, because that is kept too: `././././x` is short only when it is canonical.
        self.bytes += path.as_written().len() as u64;
        if self.bytes > limits.names_bytes {
            return Err(Error::Limit { kind: LimitKind::NamesBytes, limit: limits.names_bytes });
        }
        if self.kinds.len() as u64 >= limits.entries {
            return Err(Error::Limit { kind: LimitKind::Entries, limit: limits.entries });
        }
        // A device writes both to the same file, so one of them would be code that nobody looked at.
        if self.kinds.insert(canonical.into(), kind).is_some() {
            return refuse(PathDefect::Duplicate);
        }
        Ok(())
    }
}
