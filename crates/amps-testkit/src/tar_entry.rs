//! One entry of a tar archive, well-formed or not.

use tar::{EntryType, Header};

use crate::tar_name::{LongName, pax_records, split};

const BLOCK_BYTES: usize = 512;
/// Where the fields of a header lie (POSIX.1-1988).
const NAME: std::ops::Range<usize> = 0..100;
const SIZE: std::ops::Range<usize> = 124..136;
const LINK: std::ops::Range<usize> = 157..257;
const PREFIX: std::ops::Range<usize> = 345..500;

/// An entry with its data, and everything that a test may want to be wrong with it.
#[derive(Clone, Debug)]
pub struct TarEntry {
    name: Vec<u8>,
    data: Vec<u8>,
    kind: u8,
    mode: u32,
    link: Vec<u8>,
    long_name: LongName,
    stated_size: Option<u64>,
    base_256: bool,
    padding: u8,
    patches: Vec<(usize, Vec<u8>)>,
    bad_checksum: bool,
    before: Vec<u8>,
}

impl TarEntry {
    /// A regular file.
    pub fn file(name: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> Self {
        Self::of_type(b'0', name, data)
    }

    /// A directory; the slash at the end of its name is added if it is not there.
    pub fn directory(name: impl AsRef<[u8]>) -> Self {
        let mut name = name.as_ref().to_vec();
        if !name.ends_with(b"/") {
            name.push(b'/');
        }
        Self { mode: 0o755, ..Self::of_type(b'5', name, "") }
    }

    /// An entry of any type, like `b'2'` for a symbolic link or `b'x'` for a pax record.
    pub fn of_type(kind: u8, name: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> Self {
        Self {
            name: name.as_ref().to_vec(),
            data: data.as_ref().to_vec(),
            kind,
            mode: 0o644,
            link: Vec::new(),
            long_name: LongName::Auto,
            stated_size: None,
            base_256: false,
            padding: 0,
            patches: Vec::new(),
            bad_checksum: false,
            before: Vec::new(),
        }
    }

    /// A global pax record, which is an entry of its own.
    pub fn pax_global(records: &[(&str, &str)]) -> Self {
        Self::of_type(b'g', "pax_global_header", pax_records(records))
    }

    /// Sets the mode; 0o644 for files and 0o755 for directories unless set.
    #[must_use]
    pub fn mode(self, mode: u32) -> Self {
        Self { mode, ..self }
    }

    /// Sets the target of a link.
    #[must_use]
    pub fn link(self, target: impl AsRef<[u8]>) -> Self {
        Self { link: target.as_ref().to_vec(), ..self }
    }

    /// Sets how the name is written.
    #[must_use]
    pub fn long_name(self, long_name: LongName) -> Self {
        Self { long_name, ..self }
    }

    /// Lets the header state another size than the data has.
    #[must_use]
    pub fn stated_size(self, bytes: u64) -> Self {
        Self { stated_size: Some(bytes), ..self }
    }

    /// Writes the size in GNU's binary form.
    #[must_use]
    pub fn base_256(self) -> Self {
        Self { base_256: true, ..self }
    }

    /// Fills the last block with this byte instead of zeros.
    #[must_use]
    pub fn padding(self, byte: u8) -> Self {
        Self { padding: byte, ..self }
    }

    /// Overwrites bytes of the header, before its checksum is computed.
    #[must_use]
    pub fn patch(mut self, offset: usize, bytes: impl AsRef<[u8]>) -> Self {
        self.patches.push((offset, bytes.as_ref().to_vec()));
        self
    }

    /// Makes the header's checksum wrong.
    #[must_use]
    pub fn bad_checksum(self) -> Self {
        Self { bad_checksum: true, ..self }
    }

    /// Puts a pax record with these keys and values before the entry.
    #[must_use]
    pub fn pax(self, records: &[(&str, &str)]) -> Self {
        self.before(&Self::of_type(b'x', "PaxHeaders/x", pax_records(records)))
    }

    /// Puts another entry before this one, usually an extension record. It does not count for the digest.
    #[must_use]
    pub fn before(mut self, other: &Self) -> Self {
        self.before.extend(other.to_bytes());
        self
    }

    /// The name as the reader is to see it.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The data.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        matches!(self.kind, b'0' | 0)
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.kind == b'5'
    }

    /// The blocks of the entry, with the records before it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.before.clone();
        bytes.extend(self.name_record());
        bytes.extend(self.header());
        bytes.extend(&self.data);
        let missing = self.data.len().next_multiple_of(BLOCK_BYTES) - self.data.len();
        bytes.extend(vec![self.padding; missing]);
        bytes
    }

    fn name_record(&self) -> Vec<u8> {
        let name = String::from_utf8_lossy(&self.name);
        match (self.long_name, split(&self.name)) {
            (LongName::Auto, Some(_)) => Vec::new(),
            (LongName::Auto | LongName::Pax, _) => {
                Self::of_type(b'x', "PaxHeaders/x", pax_records(&[("path", name.as_ref())])).to_bytes()
            }
            (LongName::Gnu, _) => {
                Self::of_type(b'L', "././@LongLink", [&self.name[..], b"\0"].concat()).to_bytes()
            }
        }
    }

    fn header(&self) -> [u8; BLOCK_BYTES] {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::new(self.kind));
        header.set_mode(self.mode);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        let size = self.stated_size.unwrap_or(self.data.len() as u64);
        header.set_size(size);
        let mut block = *header.as_bytes();
        if self.base_256 {
            let number = [&[0x80, 0, 0, 0][..], &size.to_be_bytes()].concat();
            put(&mut block, SIZE.start, &number, SIZE.len());
        }
        // A name that stands in a record stands here too, as far as it fits.
        let (prefix, name) = split(&self.name).unwrap_or((&[], &self.name));
        put(&mut block, NAME.start, name, NAME.len());
        put(&mut block, PREFIX.start, prefix, PREFIX.len());
        put(&mut block, LINK.start, &self.link, LINK.len());
        for (offset, bytes) in &self.patches {
            put(&mut block, *offset, bytes, bytes.len());
        }
        let mut header = Header::from_byte_slice(&block).clone();
        header.set_cksum();
        if self.bad_checksum {
            header.as_old_mut().cksum = *b"7777777\0";
        }
        *header.as_bytes()
    }
}

/// Copies at most `length` bytes into a block.
fn put(block: &mut [u8; BLOCK_BYTES], offset: usize, bytes: &[u8], length: usize) {
    block.iter_mut().skip(offset).zip(bytes.iter().take(length)).for_each(|(place, byte)| *place = *byte);
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::Archive;

    fn names(entries: &[TarEntry]) -> Vec<Vec<u8>> {
        let bytes = Archive::of(entries).end();
        let mut archive = tar::Archive::new(bytes.as_slice());
        archive.entries().unwrap().map(|entry| entry.unwrap().path_bytes().into_owned()).collect()
    }

    #[test]
    fn names_of_any_length_come_back() {
        let long = format!("{}/{}", "d".repeat(150), "n".repeat(100));
        let longer = "x".repeat(300);
        for long_name in [LongName::Auto, LongName::Pax, LongName::Gnu] {
            for name in ["a", long.as_str(), longer.as_str(), &"y".repeat(80)] {
                let found = names(&[TarEntry::file(name, "data").long_name(long_name)]);
                assert_eq!(found, [name.as_bytes()], "{long_name:?}");
            }
        }
    }

    #[test]
    fn data_and_binary_sizes_come_back() {
        let bytes = Archive::of(&[TarEntry::file("a", "data").base_256()]).end();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut data = String::new();
        archive.entries().unwrap().next().unwrap().unwrap().read_to_string(&mut data).unwrap();
        assert_eq!(data, "data");
    }
}
