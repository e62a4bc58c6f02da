//! PE: from the DOS head to the machine, which may stand anywhere in the file.

use object::{
    LittleEndian, U16, U32,
    pe::{self, ImageDosHeader, ImageFileHeader, Machine},
};

use crate::{Binary, Bits, ByteOrder, Cpu, Processor, window::Window};

/// The first bytes of a DOS program, of which a Windows program is one.
pub(crate) const MAGIC: [u8; 2] = pe::IMAGE_DOS_SIGNATURE.to_le_bytes();

/// Where the file header stands behind the signature.
const FILE_HEADER_AT: usize = size_of::<u32>();

/// Where the optional header stands behind the signature; it begins with its magic number.
const OPTIONAL_HEADER_AT: usize = FILE_HEADER_AT + size_of::<ImageFileHeader>();

/// Where the machine ends behind the signature.
const MACHINE_END: usize = FILE_HEADER_AT + size_of::<u16>();

/// The place of the PE header that the DOS head names. `None` when the file is too short to name one.
pub(crate) fn header_window(head: &Window) -> Option<Window> {
    if head.filled_bytes() < size_of::<ImageDosHeader>() {
        return None;
    }
    let dos: ImageDosHeader = head.read(0)?;
    Some(Window::new(u64::from(dos.e_lfanew.get(LittleEndian)), OPTIONAL_HEADER_AT + size_of::<u16>()))
}

/// The binary whose PE header is in the window. `None` when it is none, or ends before its machine.
pub(crate) fn binary(header: &Window) -> Option<Binary> {
    let signature: U32<LittleEndian> = header.read(0)?;
    if signature.get(LittleEndian) != pe::IMAGE_NT_SIGNATURE || header.filled_bytes() < MACHINE_END {
        return None;
    }
    let file: ImageFileHeader = header.read(FILE_HEADER_AT)?;
    let magic: U16<LittleEndian> = header.read(OPTIONAL_HEADER_AT)?;
    Some(Binary::pe(processor(file.machine.get(LittleEndian), magic.get(LittleEndian))))
}

/// The machine tells the word size; only for one that has no name here, the kind of the optional header does.
fn processor(machine: Machine, optional_header_magic: u16) -> Processor {
    let (cpu, bits) = match machine {
        pe::IMAGE_FILE_MACHINE_I386 => (Cpu::I386, Bits::B32),
        pe::IMAGE_FILE_MACHINE_AMD64 => (Cpu::X86_64, Bits::B64),
        pe::IMAGE_FILE_MACHINE_ARM | pe::IMAGE_FILE_MACHINE_THUMB | pe::IMAGE_FILE_MACHINE_ARMNT => {
            (Cpu::Arm, Bits::B32)
        }
        pe::IMAGE_FILE_MACHINE_ARM64 => (Cpu::Arm64, Bits::B64),
        pe::IMAGE_FILE_MACHINE_IA64 => (Cpu::Ia64, Bits::B64),
        pe::IMAGE_FILE_MACHINE_R3000
        | pe::IMAGE_FILE_MACHINE_R4000
        | pe::IMAGE_FILE_MACHINE_R10000
        | pe::IMAGE_FILE_MACHINE_WCEMIPSV2
        | pe::IMAGE_FILE_MACHINE_MIPS16
        | pe::IMAGE_FILE_MACHINE_MIPSFPU
        | pe::IMAGE_FILE_MACHINE_MIPSFPU16 => (Cpu::Mips, Bits::B32),
        pe::IMAGE_FILE_MACHINE_POWERPC | pe::IMAGE_FILE_MACHINE_POWERPCFP => (Cpu::Power, Bits::B32),
        pe::IMAGE_FILE_MACHINE_RISCV32 => (Cpu::RiscV32, Bits::B32),
        pe::IMAGE_FILE_MACHINE_RISCV64 => (Cpu::RiscV64, Bits::B64),
        other => {
            let bits = match optional_header_magic {
                pe::IMAGE_NT_OPTIONAL_HDR64_MAGIC => Bits::B64,
                _ => Bits::B32,
            };
            (Cpu::Unknown(u32::from(other.0)), bits)
        }
    };
    Processor { cpu, bits, byte_order: ByteOrder::Little }
}
