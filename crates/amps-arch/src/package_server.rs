//! The package server's words for an architecture: `<os>_<cpu>_<bits>[_be]`.

use std::str::FromStr;

use crate::{
    Binary, ByteOrder, Cpu, Error, Format, MAX_TOKEN_BYTES, Processor,
    error::Text,
    token::{check, token_traits},
};

/// The token of a package without a binary.
const ALL: &str = "all";

/// An architecture in the words of the package server: `linux_x86_64`, `android_arm_32`,
/// `macos_universal_arm_64+x86_64`, `all`.
///
/// Text is accepted when it has 1 to [`MAX_TOKEN_BYTES`] bytes, each one of `a` to `z`, `0` to `9`, `_` and `+`:
/// safe in a file name and in a query, but not necessarily a token that a binary has. The empty text by which
/// that server's `/package/list` means `all` is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackageServerToken(String);

token_traits!(PackageServerToken);

impl PackageServerToken {
    /// The token of a package without a binary, which runs everywhere: `all`.
    pub fn all() -> Self {
        Self(ALL.to_owned())
    }

    /// Whether this is `all`.
    pub fn is_all(&self) -> bool {
        self.0 == ALL
    }

    pub(crate) fn of(binary: &Binary) -> Self {
        let system = binary.operating_system();
        let Some(&processor) = binary.processors().first() else {
            return Self(format!("{system}_unknown"));
        };
        Self(match binary.format() {
            Format::Elf => {
                let suffix = match processor.byte_order {
                    ByteOrder::Little => "",
                    ByteOrder::Big => "_be",
                };
                format!("{system}_{}{suffix}", cpu_and_bits(processor))
            }
            // The dialect has no word for Windows on 32-bit ARM.
            Format::Pe if processor.cpu == Cpu::Arm => format!("{system}_unknown"),
            Format::Pe | Format::MachO => format!("{system}_{}", cpu_and_bits(processor)),
            Format::UniversalMachO => {
                let mut slices: Vec<String> = binary.processors().iter().copied().map(cpu_and_bits).collect();
                slices.sort_unstable();
                format!("{system}_universal_{}", slices.join("+"))
            }
        })
    }
}

/// `<cpu>_<bits>`; the dialect knows two families of CPUs, and tells no bits of any other.
fn cpu_and_bits(processor: Processor) -> String {
    let family = match processor.cpu {
        Cpu::I386 | Cpu::X86_64 => "x86",
        Cpu::Arm | Cpu::Arm64 => "arm",
        _ => return "unknown".to_owned(),
    };
    format!("{family}_{}", processor.bits)
}

impl FromStr for PackageServerToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        check(
            Text::PackageServerToken,
            text,
            MAX_TOKEN_BYTES,
            |character| matches!(character, 'a'..='z' | '0'..='9' | '_' | '+'),
        )?;
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bits, OperatingSystem};

    fn processor(cpu: Cpu, bits: Bits, byte_order: ByteOrder) -> Processor {
        Processor { cpu, bits, byte_order }
    }

    #[test]
    fn elf_knows_two_families_of_cpus() {
        let check = |cpu, bits, byte_order, expected| {
            let binary = Binary::elf(OperatingSystem::Linux, processor(cpu, bits, byte_order));
            assert_eq!(binary.package_server_token().as_str(), expected);
        };
        check(Cpu::I386, Bits::B32, ByteOrder::Little, "linux_x86_32");
        check(Cpu::X86_64, Bits::B64, ByteOrder::Little, "linux_x86_64");
        check(Cpu::X86_64, Bits::B32, ByteOrder::Little, "linux_x86_32");
        check(Cpu::Arm, Bits::B32, ByteOrder::Big, "linux_arm_32_be");
        check(Cpu::Arm64, Bits::B64, ByteOrder::Big, "linux_arm_64_be");
        check(Cpu::Ia64, Bits::B64, ByteOrder::Little, "linux_unknown");
        check(Cpu::S390x, Bits::B64, ByteOrder::Big, "linux_unknown_be");
        check(Cpu::Unknown(9999), Bits::B64, ByteOrder::Little, "linux_unknown");
    }

    #[test]
    fn pe_has_no_word_for_32_bit_arm() {
        let binary = Binary::pe(processor(Cpu::Arm, Bits::B32, ByteOrder::Little));
        assert_eq!(binary.package_server_token().as_str(), "windows_unknown");
    }

    #[test]
    fn slices_are_sorted_and_the_longest_token_fits() {
        let slice = |cpu, bits| processor(cpu, bits, ByteOrder::Little);
        let check = |slices: &[Processor], expected: &str| {
            let token = Binary::universal_mach_o(slices.to_vec()).package_server_token();
            assert_eq!(token.as_str(), expected);
            assert_eq!(token.as_str().parse(), Ok(token));
        };
        check(&[slice(Cpu::Arm64, Bits::B64)], "macos_universal_arm_64");
        check(
            &[slice(Cpu::X86_64, Bits::B64), slice(Cpu::I386, Bits::B32), slice(Cpu::Arm64, Bits::B64)],
            "macos_universal_arm_64+x86_32+x86_64",
        );
        check(&[slice(Cpu::Power, Bits::B32); 3], "macos_universal_unknown+unknown+unknown");
    }

    #[test]
    fn text_is_bounded() {
        let longest = "a".repeat(MAX_TOKEN_BYTES);
        assert_eq!(longest.parse::<PackageServerToken>().unwrap().as_str(), longest);
        assert_eq!(
            "a".repeat(MAX_TOKEN_BYTES + 1).parse::<PackageServerToken>().unwrap_err().to_string(),
            "package-server architecture has 65 bytes, expected at most 64"
        );
        assert_eq!(
            "".parse::<PackageServerToken>().unwrap_err().to_string(),
            "package-server architecture is empty"
        );
    }

    #[test]
    fn text_has_only_allowed_characters() {
        for hostile in
            ["Linux", "linux-x86", "../linux", "linux/", "a b", "a\0", "a%20", "lınux", "a\u{202e}"]
        {
            assert!(
                matches!(hostile.parse::<PackageServerToken>(), Err(Error::Character { .. })),
                "{hostile:?} was accepted"
            );
        }
        assert_eq!(
            "linux\n".parse::<PackageServerToken>().unwrap_err().to_string(),
            "package-server architecture `linux\\n` has the character `\\n`, expected only `a` to `z`, `0` to `9`, \
             `_` and `+`"
        );
        assert!("all".parse::<PackageServerToken>().unwrap().is_all());
        assert_eq!(PackageServerToken::all().as_str(), "all");
    }
}
