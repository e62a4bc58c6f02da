//! Builds ELF files: a head, section headers and section names, in any order and at any distance.

/// `SHT_PROGBITS`
pub(crate) const PROGBITS: u32 = 1;
/// `SHT_NOTE`
pub(crate) const NOTE: u32 = 7;
/// The name of Android's note section.
pub(crate) const ANDROID: &str = ".note.android.ident";

/// Which of the two tables comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    NamesFirst,
    HeadersFirst,
}

/// How the head tells the number of sections and the section that holds the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbering {
    InHead,
    /// In the first section header, as it has to be from 65,280 sections on.
    Extended,
}

/// A file to build. The section names are the last section.
#[derive(Clone, Debug)]
pub(crate) struct ElfFile {
    pub(crate) is_64_bit: bool,
    pub(crate) is_big_endian: bool,
    pub(crate) machine: u16,
    pub(crate) sections: Vec<(&'static str, u32)>,
    pub(crate) order: Order,
    pub(crate) numbering: Numbering,
    /// Bytes between the two tables.
    pub(crate) gap: Vec<u8>,
}

impl ElfFile {
    /// A 64-bit little-endian x86 file with these sections.
    pub(crate) fn with(sections: &[(&'static str, u32)]) -> Self {
        Self {
            is_64_bit: true,
            is_big_endian: false,
            machine: 62,
            sections: sections.to_vec(),
            order: Order::NamesFirst,
            numbering: Numbering::InHead,
            gap: Vec::new(),
        }
    }

    /// How long the head is, and a section header.
    fn sizes(&self) -> (usize, usize) {
        if self.is_64_bit { (64, 64) } else { (52, 40) }
    }

    pub(crate) fn build(&self) -> Vec<u8> {
        let (head_bytes, header_bytes) = self.sizes();
        let mut names = vec![0];
        let mut name_offsets = Vec::new();
        for (name, _) in &self.sections {
            name_offsets.push(names.len());
            names.extend_from_slice(name.as_bytes());
            names.push(0);
        }
        let count = self.sections.len() + 2;
        let (names_at, headers_at) = match self.order {
            Order::NamesFirst => (head_bytes, head_bytes + names.len() + self.gap.len()),
            Order::HeadersFirst => (head_bytes + count * header_bytes + self.gap.len(), head_bytes),
        };

        let mut headers = Vec::new();
        let extended = self.numbering == Numbering::Extended;
        let first = if extended { (count, count - 1) } else { (0, 0) };
        headers.extend(self.section(0, 0, 0, first.0, first.1));
        for ((_, kind), name) in self.sections.iter().zip(&name_offsets) {
            headers.extend(self.section(*name, *kind, 0, 0, 0));
        }
        headers.extend(self.section(0, 3, names_at, names.len(), 0));

        let (head_count, head_names) = if extended { (0, 0xffff) } else { (count, count - 1) };
        let mut file = self.head(headers_at, head_count, head_names);
        let tables = match self.order {
            Order::NamesFirst => [names, self.gap.clone(), headers],
            Order::HeadersFirst => [headers, self.gap.clone(), names],
        };
        file.extend(tables.concat());
        file
    }

    /// The head alone, which says what it is told to.
    pub(crate) fn head(&self, headers_at: usize, count: usize, names_index: usize) -> Vec<u8> {
        let (head_bytes, header_bytes) = self.sizes();
        let class = if self.is_64_bit { 2 } else { 1 };
        let data = if self.is_big_endian { 2 } else { 1 };
        let mut head = vec![0x7f, b'E', b'L', b'F', class, data, 1, 0];
        head.resize(16, 0);
        head.extend(self.number(3, 2));
        head.extend(self.number(self.machine.into(), 2));
        head.extend(self.number(1, 4));
        head.extend(self.word(0));
        head.extend(self.word(0));
        head.extend(self.word(headers_at));
        head.extend(self.number(0, 4));
        for value in [head_bytes, 0, 0, header_bytes, count, names_index] {
            head.extend(self.number(value, 2));
        }
        assert_eq!(head.len(), head_bytes);
        head
    }

    /// A section header.
    pub(crate) fn section(&self, name: usize, kind: u32, at: usize, size: usize, link: usize) -> Vec<u8> {
        let mut header = self.number(name, 4);
        header.extend(self.number(kind as usize, 4));
        header.extend(self.word(0));
        header.extend(self.word(0));
        header.extend(self.word(at));
        header.extend(self.word(size));
        header.extend(self.number(link, 4));
        header.extend(self.number(0, 4));
        header.extend(self.word(1));
        header.extend(self.word(0));
        header
    }

    fn word(&self, value: usize) -> Vec<u8> {
        self.number(value, if self.is_64_bit { 8 } else { 4 })
    }

    fn number(&self, value: usize, bytes: usize) -> Vec<u8> {
        let value = value as u64;
        if self.is_big_endian {
            value.to_be_bytes()[8 - bytes..].to_vec()
        } else {
            value.to_le_bytes()[..bytes].to_vec()
        }
    }
}
