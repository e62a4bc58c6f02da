//! What a binary's head says of the processor: the CPU, its word size and its byte order.

use std::fmt;

/// A CPU, as `QSysInfo::buildCpuArchitecture()` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Cpu {
    /// `arm`
    Arm,
    /// `arm64`
    Arm64,
    /// `i386`
    I386,
    /// `x86_64`
    X86_64,
    /// `ia64`
    Ia64,
    /// `loongarch32`
    LoongArch32,
    /// `loongarch64`
    LoongArch64,
    /// `mips`
    Mips,
    /// `mips64`
    Mips64,
    /// `power`
    Power,
    /// `power64`
    Power64,
    /// `riscv32`
    RiscV32,
    /// `riscv64`
    RiscV64,
    /// `s390`
    S390,
    /// `s390x`
    S390x,
    /// `sparc`
    Sparc,
    /// `sparcv9`
    SparcV9,
    /// `unknown`: none of the above, with the number that the file's format gives it
    Unknown(u32),
}

impl Cpu {
    /// The name, in the words of `QSysInfo::buildCpuArchitecture()`; `unknown` without its number.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arm => "arm",
            Self::Arm64 => "arm64",
            Self::I386 => "i386",
            Self::X86_64 => "x86_64",
            Self::Ia64 => "ia64",
            Self::LoongArch32 => "loongarch32",
            Self::LoongArch64 => "loongarch64",
            Self::Mips => "mips",
            Self::Mips64 => "mips64",
            Self::Power => "power",
            Self::Power64 => "power64",
            Self::RiscV32 => "riscv32",
            Self::RiscV64 => "riscv64",
            Self::S390 => "s390",
            Self::S390x => "s390x",
            Self::Sparc => "sparc",
            Self::SparcV9 => "sparcv9",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word size that a binary is built for, which may be smaller than the CPU's (x32, `arm64_32`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bits {
    /// 32 bits
    B32,
    /// 64 bits
    B64,
}

impl Bits {
    /// `32` or `64`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::B32 => "32",
            Self::B64 => "64",
        }
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The order of the bytes in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ByteOrder {
    /// The lowest byte comes first.
    Little,
    /// The highest byte comes first.
    Big,
}

impl ByteOrder {
    /// `little_endian` or `big_endian`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Little => "little_endian",
            Self::Big => "big_endian",
        }
    }
}

impl fmt::Display for ByteOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A CPU together with the way in which a binary uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Processor {
    /// The CPU.
    pub cpu: Cpu,
    /// The word size.
    pub bits: Bits,
    /// The byte order.
    pub byte_order: ByteOrder,
}
