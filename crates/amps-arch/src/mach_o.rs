//! Mach-O: the magic numbers, and the CPUs that a head or a slice table names.

use object::{
    LittleEndian,
    macho::{self, CpuType, FatArch32, FatHeader, MachHeader64},
};

use crate::{Binary, Bits, ByteOrder, Cpu, Processor, window::Window};

/// The first bytes of a 64-bit little-endian file.
pub(crate) const MAGIC: [u8; 4] = macho::MH_MAGIC_64.to_le_bytes();

/// The first bytes of a universal file.
pub(crate) const UNIVERSAL_MAGIC: [u8; 4] = macho::FAT_MAGIC.to_be_bytes();

/// The most slices of a universal file. A Java class begins with the same magic and has its version, 45 or more,
/// where the number of slices stands.
const MAX_SLICES: usize = 3;

/// How much of a file's beginning tells all that is to be known: 68 bytes.
pub(crate) const HEAD_BYTES: usize = SLICES_AT + MAX_SLICES * SLICE_BYTES;

const SLICES_AT: usize = size_of::<FatHeader>();
const SLICE_BYTES: usize = size_of::<FatArch32>();

/// Where the CPU of a [`MachHeader64`] ends.
const CPU_END: usize = std::mem::offset_of!(MachHeader64<LittleEndian>, cputype) + size_of::<u32>();

/// The binary with a head of [`MAGIC`]. `None` when the file ends before its CPU.
pub(crate) fn binary(head: &Window) -> Option<Binary> {
    if head.filled_bytes() < CPU_END {
        return None;
    }
    let header: MachHeader64<LittleEndian> = head.read(0)?;
    let cpu = header.cputype.get(LittleEndian);
    let mut processor = processor(cpu);
    // A 64-bit head with a 32-bit CPU contradicts itself.
    if processor.bits != Bits::B64 {
        processor = Processor { cpu: Cpu::Unknown(cpu.0), bits: Bits::B64, byte_order: ByteOrder::Little };
    }
    Some(Binary::mach_o(processor))
}

/// The binary with a head of [`UNIVERSAL_MAGIC`]. `None` when it has no slices or more than [`MAX_SLICES`], and
/// when the file ends within its slice table: the CPUs that it lacks are not known.
pub(crate) fn universal_binary(head: &Window) -> Option<Binary> {
    let header: FatHeader = head.read(0)?;
    let count = usize::try_from(header.nfat_arch.get(object::BigEndian)).ok()?;
    if !(1..=MAX_SLICES).contains(&count) || head.filled_bytes() < SLICES_AT + count * SLICE_BYTES {
        return None;
    }
    let slices: Option<Vec<Processor>> = (0..count)
        .map(|index| {
            let slice: FatArch32 = head.read(SLICES_AT + index * SLICE_BYTES)?;
            Some(processor(slice.cputype.get(object::BigEndian)))
        })
        .collect();
    Some(Binary::universal_mach_o(slices?))
}

fn processor(cpu: CpuType) -> Processor {
    let bits = if cpu.0 & macho::CPU_ARCH_ABI64 == 0 { Bits::B32 } else { Bits::B64 };
    let (cpu, byte_order) = match cpu {
        macho::CPU_TYPE_X86 => (Cpu::I386, ByteOrder::Little),
        macho::CPU_TYPE_X86_64 => (Cpu::X86_64, ByteOrder::Little),
        macho::CPU_TYPE_ARM => (Cpu::Arm, ByteOrder::Little),
        macho::CPU_TYPE_ARM64 | macho::CPU_TYPE_ARM64_32 => (Cpu::Arm64, ByteOrder::Little),
        macho::CPU_TYPE_POWERPC => (Cpu::Power, ByteOrder::Big),
        macho::CPU_TYPE_POWERPC64 => (Cpu::Power64, ByteOrder::Big),
        other => (Cpu::Unknown(other.0), ByteOrder::Little),
    };
    Processor { cpu, bits, byte_order }
}
