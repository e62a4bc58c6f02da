//! The 512 bytes before an entry, as ustar has them (POSIX.1-1988).

use std::borrow::Cow;

use tar::{EntryType, Header};

use crate::{
    entry::{EntryKind, EntryPath},
    error::Error,
};

const NAME_BYTES: usize = 100;
const PREFIX_BYTES: usize = 155;

/// A header with this name exactly as it stands here: the digest covers it so. (The `tar` crate would make `x` of `./x`.)
pub(super) fn header(name: &str, kind: EntryType, mode: u32, size_bytes: u64) -> Result<Header, Error> {
    let (prefix, rest) = split(name)?;
    let mut header = Header::new_ustar();
    if let Some(ustar) = header.as_ustar_mut() {
        put(&mut ustar.prefix, prefix);
        put(&mut ustar.name, rest);
    }
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size_bytes);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_cksum();
    Ok(header)
}

/// Whether [`header`] will find room for the name of an entry.
pub(super) fn check(path: &EntryPath, kind: EntryKind) -> Result<(), Error> {
    split(&name(path, kind)).map(|_| ())
}

/// An entry's name as an archive has it: a directory's ends in a slash.
pub(super) fn name(path: &EntryPath, kind: EntryKind) -> Cow<'_, str> {
    match kind {
        EntryKind::File => Cow::Borrowed(path.as_written()),
        EntryKind::Directory => Cow::Owned(format!("{path}/")),
    }
}

/// The two fields that a name goes into; the first place where it can be cut.
fn split(name: &str) -> Result<(&str, &str), Error> {
    if name.len() <= NAME_BYTES {
        return Ok(("", name));
    }
    let cuts = name.match_indices('/').filter_map(|(at, _)| Some((name.get(..at)?, name.get(at + 1..)?)));
    let fits = |(prefix, rest): &(&str, &str)| {
        prefix.len() <= PREFIX_BYTES && (1..=NAME_BYTES).contains(&rest.len())
    };
    cuts.filter(|(prefix, _)| !prefix.is_empty())
        .find(fits)
        .ok_or_else(|| Error::NameTooLong { path: name.into() })
}

fn put(field: &mut [u8], text: &str) {
    field.iter_mut().zip(text.bytes()).for_each(|(place, byte)| *place = byte);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_at_the_first_slash_that_leaves_a_hundred_bytes() {
        let [x, y] = ["x".repeat(100), "y".repeat(155)];
        let cut = |name: &str| split(name).ok().map(|(prefix, rest)| (prefix.len(), rest.len()));
        assert_eq!(cut("a/b"), Some((0, 3)));
        assert_eq!(cut(&x), Some((0, 100)));
        assert_eq!(cut(&format!("a/{x}")), Some((1, 100)));
        assert_eq!(cut(&format!("{y}/{x}")), Some((155, 100)));
        assert_eq!(cut(&format!("a/b/{}", "x".repeat(98))), Some((1, 100)));
        for long in
            [format!("{x}x"), format!("a/{x}x"), format!("{y}y/{x}"), format!("{x}/"), format!("/{x}")]
        {
            assert!(matches!(split(&long), Err(Error::NameTooLong { path }) if path == long), "{long}");
        }
    }
}
