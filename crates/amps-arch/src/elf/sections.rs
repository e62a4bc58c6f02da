//! The section headers of an ELF file, as they come by: where the names of its note sections stand.

use object::{
    Endianness,
    elf::{self, SectionHeader32, SectionHeader64},
    pod::Pod,
    read::elf::{FileHeader, SectionHeader},
};

use crate::{Bits, window::Window};

/// How many note sections are looked at: the first ones. Real files have fewer than ten.
const MAX_NOTES: usize = 2048;

/// The most memory that a table keeps outside itself, in bytes.
pub(super) const MAX_MEMORY_BYTES: usize = MAX_NOTES * size_of::<u32>();

/// Reads the section headers, one after the other.
#[derive(Debug)]
pub(super) struct SectionTable {
    bits: Bits,
    endian: Endianness,
    /// The header that comes by next, or is coming by.
    next: Window,
    next_at: u64,
    next_index: u64,
    /// How many headers there are; where the file's head does not tell, one, until that one has.
    count: Count,
    names_index: NamesIndex,
    /// Where the section that holds the names begins.
    names_at: Option<u64>,
    /// Where in that section the names of the note sections stand.
    notes: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
enum Count {
    Known(u64),
    /// In `sh_size` of the first header: there are more than `e_shnum` can say.
    InFirstHeader,
}

#[derive(Clone, Copy, Debug)]
enum NamesIndex {
    Known(u64),
    /// In `sh_link` of the first header: it is more than `e_shstrndx` can say.
    InFirstHeader,
}

/// What matters of a section header, for both word sizes.
struct Section {
    kind: elf::SectionType,
    name: u32,
    offset: u64,
    size: u64,
    link: u32,
}

impl SectionTable {
    /// The table that the file's head names. `None` when it names none, one without names, or one of headers of
    /// another size.
    pub(super) fn new<H>(header: &H, bits: Bits, endian: Endianness) -> Option<Self>
    where
        H: FileHeader<Endian = Endianness>,
    {
        let at = header.e_shoff(endian).into();
        let header_bytes = size_of::<H::SectionHeader>();
        let names_index = match header.e_shstrndx(endian) {
            elf::SHN_UNDEF => return None,
            elf::SHN_XINDEX => NamesIndex::InFirstHeader,
            index => NamesIndex::Known(u64::from(index.0)),
        };
        if at == 0 || usize::from(header.e_shentsize(endian)) != header_bytes {
            return None;
        }
        let count = match header.e_shnum(endian) {
            0 => Count::InFirstHeader,
            count => Count::Known(u64::from(count)),
        };
        Some(Self {
            bits,
            endian,
            next: Window::new(at, header_bytes),
            next_at: at,
            next_index: 0,
            count,
            names_index,
            names_at: None,
            notes: Vec::new(),
        })
    }

    /// Takes in `piece`, which stands at `offset`.
    pub(super) fn update(&mut self, offset: u64, piece: &[u8]) {
        while !self.is_complete() {
            self.next.fill(offset, piece);
            if !self.next.is_full() {
                return;
            }
            match self.bits {
                Bits::B32 => self.take::<SectionHeader32<Endianness>>(),
                Bits::B64 => self.take::<SectionHeader64<Endianness>>(),
            }
        }
    }

    /// The offsets in the file at which the names of the note sections stand.
    pub(super) fn note_names(&self) -> impl Iterator<Item = u64> {
        self.notes
            .iter()
            .filter_map(|&name| self.names_at.and_then(|names_at| names_at.checked_add(u64::from(name))))
    }

    fn is_complete(&self) -> bool {
        match self.count {
            Count::Known(count) => self.next_index >= count,
            Count::InFirstHeader => false,
        }
    }

    /// Takes in the header that has come by, and turns to the one behind it.
    fn take<S>(&mut self)
    where
        S: SectionHeader<Endian = Endianness> + Pod,
    {
        if let Some(header) = self.next.read::<S>(0) {
            self.take_section(&Section {
                kind: header.sh_type(self.endian),
                name: header.sh_name(self.endian),
                offset: header.sh_offset(self.endian).into(),
                size: header.sh_size(self.endian).into(),
                link: header.sh_link(self.endian),
            });
        }
        self.next_index = self.next_index.saturating_add(1);
        match self.next_at.checked_add(size_of::<S>() as u64) {
            Some(at) => {
                self.next_at = at;
                self.next = Window::new(at, size_of::<S>());
            }
            // No file goes on there.
            None => self.count = Count::Known(0),
        }
    }

    fn take_section(&mut self, section: &Section) {
        if self.next_index == 0 {
            if matches!(self.count, Count::InFirstHeader) {
                self.count = Count::Known(section.size);
            }
            if matches!(self.names_index, NamesIndex::InFirstHeader) {
                self.names_index = NamesIndex::Known(u64::from(section.link));
            }
        }
        // The first header describes no section: as an index it means that there are no names.
        if matches!(self.names_index, NamesIndex::Known(index) if index == self.next_index && index != 0) {
            self.names_at = Some(section.offset);
        }
        if section.kind == elf::SHT_NOTE && self.notes.len() < MAX_NOTES {
            self.notes.push(section.name);
        }
    }
}
