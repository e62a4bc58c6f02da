//! ELF: what the head tells, and whether a section name makes it Android's.

mod names;
mod sections;

use object::{
    Endianness,
    elf::{self, FileHeader32, FileHeader64},
    read::elf::FileHeader,
};

use crate::{Binary, Bits, ByteOrder, Cpu, OperatingSystem, Processor, window::Window};
use names::NameSearch;
use sections::SectionTable;

/// The first bytes of every ELF file.
pub(crate) const MAGIC: [u8; 4] = elf::ELFMAG;

/// Where the machine ends; the same for both word sizes.
const MACHINE_END: usize =
    std::mem::offset_of!(FileHeader32<Endianness>, e_machine) + size_of::<elf::Machine>();

/// The most memory that an [`Elf`] keeps, in bytes.
pub(crate) const MAX_MEMORY_BYTES: usize =
    size_of::<Elf>() + names::MAX_MEMORY_BYTES + sections::MAX_MEMORY_BYTES;

/// A file whose head is known while its section names are not.
#[derive(Debug)]
pub(crate) struct Elf {
    processor: Processor,
    sections: SectionTable,
    names: NameSearch,
}

/// What the head of an ELF file tells.
pub(crate) enum Head {
    /// All: there are no sections whose names would matter.
    Binary(Binary),
    /// All but Android: the rest of the file has to come by.
    HasSections(Box<Elf>),
}

/// Reads the head of a file with [`MAGIC`].
///
/// `None` when it is for another system (OS ABI other than 0 and 3), of an unknown version, word size or byte
/// order, or ends before its machine. Whatever lacks behind the machine counts as zero.
pub(crate) fn head(head: &Window) -> Option<Head> {
    // The identification is the same for both word sizes.
    let ident = head.read::<FileHeader32<Endianness>>(0)?.e_ident;
    if head.filled_bytes() < MACHINE_END
        || ident.version != elf::EV_CURRENT
        || !matches!(ident.os_abi, elf::ELFOSABI_NONE | elf::ELFOSABI_GNU)
    {
        return None;
    }
    let byte_order = match ident.data {
        elf::ELFDATA2LSB => ByteOrder::Little,
        elf::ELFDATA2MSB => ByteOrder::Big,
        _ => return None,
    };
    match ident.class {
        elf::ELFCLASS32 => head_of::<FileHeader32<Endianness>>(head, Bits::B32, byte_order),
        elf::ELFCLASS64 => head_of::<FileHeader64<Endianness>>(head, Bits::B64, byte_order),
        _ => None,
    }
}

fn head_of<H>(head: &Window, bits: Bits, byte_order: ByteOrder) -> Option<Head>
where
    H: FileHeader<Endian = Endianness>,
{
    let endian = match byte_order {
        ByteOrder::Little => Endianness::Little,
        ByteOrder::Big => Endianness::Big,
    };
    let header: H = head.read(0)?;
    let processor = Processor { cpu: cpu(header.e_machine(endian), bits), bits, byte_order };
    Some(match SectionTable::new(&header, bits, endian) {
        Some(sections) => Head::HasSections(Box::new(Elf { processor, sections, names: NameSearch::new() })),
        None => Head::Binary(Binary::elf(OperatingSystem::Linux, processor)),
    })
}

impl Elf {
    /// Takes in `piece`, which stands at `offset`; every byte of the file exactly once, in order.
    pub(crate) fn update(&mut self, offset: u64, piece: &[u8]) {
        self.sections.update(offset, piece);
        self.names.update(offset, piece);
    }

    /// The binary, once the file has ended.
    pub(crate) fn finish(&self) -> Binary {
        let is_android = self.sections.note_names().any(|name_at| self.names.is_at(name_at));
        let system = if is_android { OperatingSystem::Android } else { OperatingSystem::Linux };
        Binary::elf(system, self.processor)
    }
}

fn cpu(machine: elf::Machine, bits: Bits) -> Cpu {
    let by_bits = |b32, b64| match bits {
        Bits::B32 => b32,
        Bits::B64 => b64,
    };
    match machine {
        elf::EM_386 => Cpu::I386,
        elf::EM_X86_64 => Cpu::X86_64,
        elf::EM_ARM => Cpu::Arm,
        elf::EM_AARCH64 => Cpu::Arm64,
        elf::EM_IA_64 => Cpu::Ia64,
        elf::EM_LOONGARCH => by_bits(Cpu::LoongArch32, Cpu::LoongArch64),
        elf::EM_MIPS | elf::EM_MIPS_RS3_LE => by_bits(Cpu::Mips, Cpu::Mips64),
        elf::EM_PPC => Cpu::Power,
        elf::EM_PPC64 => Cpu::Power64,
        elf::EM_RISCV => by_bits(Cpu::RiscV32, Cpu::RiscV64),
        elf::EM_S390 => by_bits(Cpu::S390, Cpu::S390x),
        elf::EM_SPARC | elf::EM_SPARC32PLUS => Cpu::Sparc,
        elf::EM_SPARCV9 => Cpu::SparcV9,
        other => Cpu::Unknown(u32::from(other.0)),
    }
}
