//! The architecture of a whole package: that of the binaries in it.

use crate::{Binary, DeploymentServerToken, Error, PackageServerToken};

/// The architecture of a package.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Architecture {
    /// No file is a binary: the package runs everywhere.
    All,
    /// Every binary is like this one, the first.
    Of(Binary),
}

impl Architecture {
    /// The package server's word, `all` for [`Architecture::All`].
    pub fn package_server_token(&self) -> PackageServerToken {
        match self {
            Self::All => PackageServerToken::all(),
            Self::Of(binary) => binary.package_server_token(),
        }
    }

    /// The deployment server's word, `All` for [`Architecture::All`]; [`Error::UniversalBinary`] where it has none.
    pub fn deployment_server_token(&self) -> Result<DeploymentServerToken, Error> {
        match self {
            Self::All => Ok(DeploymentServerToken::all()),
            Self::Of(binary) => binary.deployment_server_token(),
        }
    }
}

/// Collects what the files of a package are, and tells the architecture of the package.
///
/// Two binaries are different when their package-server tokens differ *or* their deployment-server tokens differ:
/// MIPS next to PowerPC is mixed although the package server calls both `linux_unknown`, and Linux next to Android
/// is mixed although the deployment server calls both ELF.
#[derive(Clone, Debug, Default)]
pub struct Architectures {
    first: Option<Binary>,
    different: Option<Binary>,
}

impl Architectures {
    /// A package without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next file: what [`Detector::finish`](crate::Detector::finish) said of it.
    pub fn add(&mut self, file: Option<Binary>) {
        let Some(binary) = file else { return };
        match &self.first {
            None => self.first = Some(binary),
            Some(first) if self.different.is_none() && is_different(first, &binary) => {
                self.different = Some(binary);
            }
            Some(_) => {}
        }
    }

    /// The architecture of the package: [`Error::MixedArchitectures`] names the first binary and the first one
    /// that is different from it, in the order in which they were added.
    pub fn finish(self) -> Result<Architecture, Error> {
        match (self.first, self.different) {
            (None, _) => Ok(Architecture::All),
            (Some(binary), None) => Ok(Architecture::Of(binary)),
            (Some(first), Some(second)) => Err(Error::MixedArchitectures { first, second }),
        }
    }
}

fn is_different(first: &Binary, second: &Binary) -> bool {
    // Equal facts make equal tokens: the usual case needs no text.
    first != second
        && (first.package_server_token() != second.package_server_token()
            || first.deployment_server_token() != second.deployment_server_token())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bits, ByteOrder, Cpu, OperatingSystem, Processor};

    fn elf(operating_system: OperatingSystem, cpu: Cpu) -> Binary {
        let processor = Processor { cpu, bits: Bits::B64, byte_order: ByteOrder::Little };
        Binary::elf(operating_system, processor)
    }

    fn collect(files: impl IntoIterator<Item = Option<Binary>>) -> Result<Architecture, Error> {
        let mut architectures = Architectures::new();
        for file in files {
            architectures.add(file);
        }
        architectures.finish()
    }

    #[test]
    fn a_package_without_binaries_runs_everywhere() {
        for files in [vec![], vec![None], vec![None, None]] {
            let architecture = collect(files).unwrap();
            assert_eq!(architecture, Architecture::All);
            assert_eq!(architecture.package_server_token().as_str(), "all");
            assert_eq!(architecture.deployment_server_token().unwrap().as_str(), "All");
        }
    }

    #[test]
    fn other_files_do_not_matter() {
        let arm = elf(OperatingSystem::Linux, Cpu::Arm64);
        let architecture = collect([None, Some(arm.clone()), None, Some(arm.clone()), None]).unwrap();
        assert_eq!(architecture, Architecture::Of(arm));
        assert_eq!(architecture.package_server_token().as_str(), "linux_arm_64");
        assert_eq!(architecture.deployment_server_token().unwrap().as_str(), "arm64-little_endian-64-elf");
    }

    #[test]
    fn refuses_two_architectures_and_names_the_first_two() {
        use OperatingSystem::{Android, Linux};
        let check = |files: &[(OperatingSystem, Cpu)], expected: &str| {
            let files = files.iter().flat_map(|&(system, cpu)| [None, Some(elf(system, cpu))]);
            assert_eq!(collect(files).unwrap_err().to_string(), expected);
        };
        check(
            &[(Linux, Cpu::X86_64), (Linux, Cpu::X86_64), (Linux, Cpu::Arm64), (Android, Cpu::Arm64)],
            "mixed architectures: linux_x86_64 and linux_arm_64",
        );
        check(
            &[(Android, Cpu::Arm64), (Linux, Cpu::Arm64)],
            "mixed architectures: android_arm_64 and linux_arm_64",
        );
        check(
            &[(Linux, Cpu::Mips64), (Linux, Cpu::Power64)],
            "mixed architectures: linux_unknown (mips64-little_endian-64-elf) and linux_unknown \
             (power64-little_endian-64-elf)",
        );
    }

    #[test]
    fn cpus_that_no_dialect_names_are_not_told_apart() {
        let first = elf(OperatingSystem::Linux, Cpu::Unknown(1000));
        let second = elf(OperatingSystem::Linux, Cpu::Unknown(1001));
        assert_eq!(collect([Some(first.clone()), Some(second)]), Ok(Architecture::Of(first)));
    }

    #[test]
    fn universal_binaries_may_list_their_slices_in_any_order() {
        let slice = |cpu| Processor { cpu, bits: Bits::B64, byte_order: ByteOrder::Little };
        let arm_first = Binary::universal_mach_o(vec![slice(Cpu::Arm64), slice(Cpu::X86_64)]);
        let x86_first = Binary::universal_mach_o(vec![slice(Cpu::X86_64), slice(Cpu::Arm64)]);
        let architecture = collect([Some(arm_first), Some(x86_first)]).unwrap();
        assert_eq!(architecture.package_server_token().as_str(), "macos_universal_arm_64+x86_64");
        assert!(matches!(architecture.deployment_server_token(), Err(Error::UniversalBinary { .. })));
    }

    #[test]
    fn a_universal_binary_next_to_one_of_its_slices_is_mixed() {
        let slice = Processor { cpu: Cpu::Arm64, bits: Bits::B64, byte_order: ByteOrder::Little };
        let files = [Some(Binary::universal_mach_o(vec![slice])), Some(Binary::mach_o(slice))];
        assert_eq!(
            collect(files).unwrap_err().to_string(),
            "mixed architectures: macos_universal_arm_64 and macos_arm_64"
        );
    }
}
