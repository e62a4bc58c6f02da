//! Entries of a package and their names.

use std::{borrow::Cow, fmt};

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use crate::quote::is_unsafe;

/// One file or directory of a package, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub path: EntryPath,
    /// File or directory.
    pub kind: EntryKind,
    /// Bytes of a file; 0 for a directory.
    pub size_bytes: u64,
    /// Whether the owner's x bit is set, the one bit of the mode that counts; never for a directory.
    pub executable: bool,
}

/// What an entry is. Nothing else can stand in a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
}

/// The name of an entry: relative, UTF-8 in NFC, without `..`, control characters or a leading `--`.
///
/// It keeps the text as it was written, because that enters the digest (docs/format.md, "Archive"): `./x` and `a//b` are
/// legal and mean `x` and `a/b`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPath(Box<str>);

impl EntryPath {
    /// Checks a name as it stands in an archive. A trailing slash (the mark of a directory) is dropped.
    pub fn new(text: &str) -> Result<Self, PathDefect> {
        let text = text.strip_suffix('/').unwrap_or(text);
        if text.starts_with('/') {
            return Err(PathDefect::Absolute); // writing to /etc/…
        }
        if let Some(character) = text.chars().find(|&character| is_unsafe(character)) {
            return Err(PathDefect::Character(character)); // NUL cuts a C string, ESC and line ends forge a log
        }
        if !is_nfc(text) {
            return Err(PathDefect::NotNfc); // two names that one device takes for the same
        }
        let mut real = components(text).peekable();
        match real.peek() {
            None => return Err(PathDefect::Empty),
            Some(first) if first.starts_with("--") => return Err(PathDefect::Reserved),
            Some(_) => {}
        }
        if real.any(|component| component == "..") {
            return Err(PathDefect::Parent); // writing outside of the folder that a package is installed to
        }
        Ok(Self(text.into()))
    }

    /// The name as written, without a directory's trailing slash: what the digest covers.
    pub fn as_written(&self) -> &str {
        &self.0
    }

    /// The name without empty and `.` components: two entries with the same canonical name are the same file.
    pub fn canonical(&self) -> Cow<'_, str> {
        if components(&self.0).eq(self.0.split('/')) {
            Cow::Borrowed(&self.0)
        } else {
            Cow::Owned(components(&self.0).collect::<Vec<_>>().join("/"))
        }
    }

    /// The canonical name of the entry that a manifest means by `text`, which may have any form that a file system takes. What
    /// can be no name stays as it is; no entry is called that.
    pub(crate) fn canonical_of(text: &str) -> String {
        let composed: String = text.nfc().collect();
        Self::new(&composed).map_or(composed, |path| path.canonical().into_owned())
    }
}

impl fmt::Display for EntryPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn components(text: &str) -> impl Iterator<Item = &str> {
    text.split('/').filter(|component| !matches!(*component, "" | "."))
}

/// What is wrong with an entry's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathDefect {
    /// Begins with a slash.
    #[error("the name is absolute: expected a relative one")]
    Absolute,
    /// Holds a control or bidirectional character.
    #[error("the name contains {0:?}")]
    Character(char),
    /// Comes a second time.
    #[error("the name comes twice")]
    Duplicate,
    /// Names nothing, or the folder that holds everything.
    #[error("the name is empty")]
    Empty,
    /// Ends in a slash although it is a file.
    #[error("a file's name ends in `/`")]
    FileWithSlash,
    /// No entry for the directory that it lies in came before.
    #[error("its parent directory does not come before it")]
    MissingParent,
    /// Not in Unicode normalisation form C.
    #[error("the name is not in Unicode normalisation form C")]
    NotNfc,
    /// Not UTF-8.
    #[error("the name is not UTF-8")]
    NotUtf8,
    /// Holds a `..` component.
    #[error("the name contains `..`")]
    Parent,
    /// The parent is a file.
    #[error("its parent is a file")]
    ParentIsFile,
    /// Begins with `--` without being a header or a footer.
    #[error("names beginning with `--` are reserved")]
    Reserved,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_what_they_canonically_are() {
        for (written, canonical) in [
            ("a", "a"),
            ("./a", "a"),
            ("a//b", "a/b"),
            ("a/./b/", "a/b"),
            ("a/b", "a/b"),
            ("ümlaut/Grüße-你好.txt", "ümlaut/Grüße-你好.txt"),
            ("a/--b", "a/--b"),
            ("...", "..."),
        ] {
            let path = EntryPath::new(written).unwrap();
            assert_eq!(path.canonical(), canonical);
            assert_eq!(path.as_written(), written.trim_end_matches('/'));
        }
    }

    #[test]
    fn refuses_names_that_lead_astray() {
        use PathDefect as D;
        for (written, defect) in [
            ("", D::Empty),
            (".", D::Empty),
            ("./", D::Empty),
            ("/", D::Empty),
            ("/etc/passwd", D::Absolute),
            ("..", D::Parent),
            ("../x", D::Parent),
            ("a/../../x", D::Parent),
            ("a/..", D::Parent),
            ("--x", D::Reserved),
            (".//--x", D::Reserved),
            ("a\0b", D::Character('\0')),
            ("a\nb", D::Character('\n')),
            ("a\u{202e}b", D::Character('\u{202e}')),
            ("u\u{308}", D::NotNfc),
        ] {
            assert_eq!(EntryPath::new(written), Err(defect), "{written:?}");
        }
    }
}
