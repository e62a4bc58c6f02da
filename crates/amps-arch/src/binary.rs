//! The facts that are found in one binary.

use std::fmt;

use crate::{DeploymentServerToken, Error, PackageServerToken, Processor};

/// What one binary is for. A [`Detector`](crate::Detector) finds it.
///
/// The facts are kept apart; each dialect writes down its own part of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Binary {
    operating_system: OperatingSystem,
    format: Format,
    /// One, or for a universal binary one for each slice, in the order of the slices.
    processors: Vec<Processor>,
}

impl Binary {
    pub(crate) fn elf(operating_system: OperatingSystem, processor: Processor) -> Self {
        Self { operating_system, format: Format::Elf, processors: vec![processor] }
    }

    pub(crate) fn pe(processor: Processor) -> Self {
        Self { operating_system: OperatingSystem::Windows, format: Format::Pe, processors: vec![processor] }
    }

    pub(crate) fn mach_o(processor: Processor) -> Self {
        Self { operating_system: OperatingSystem::MacOs, format: Format::MachO, processors: vec![processor] }
    }

    pub(crate) fn universal_mach_o(slices: Vec<Processor>) -> Self {
        Self { operating_system: OperatingSystem::MacOs, format: Format::UniversalMachO, processors: slices }
    }

    /// The operating system, as far as the format tells it.
    pub fn operating_system(&self) -> OperatingSystem {
        self.operating_system
    }

    /// The file format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The processors: one, but for [`Format::UniversalMachO`] one to three, in the order of the slices.
    pub fn processors(&self) -> &[Processor] {
        &self.processors
    }

    /// The architecture in the words of the package server, for example `linux_arm_64`.
    pub fn package_server_token(&self) -> PackageServerToken {
        PackageServerToken::of(self)
    }

    /// The architecture in the words of the deployment server, for example `arm64-little_endian-64-elf`.
    ///
    /// It has no word for a universal binary, which is [`Error::UniversalBinary`].
    pub fn deployment_server_token(&self) -> Result<DeploymentServerToken, Error> {
        DeploymentServerToken::of(self)
    }
}

/// The operating system that a binary is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperatingSystem {
    /// An ELF file for Linux, or for a system that its head does not tell from Linux.
    Linux,
    /// An ELF file with Android's note section.
    Android,
    /// A PE file.
    Windows,
    /// A Mach-O file, universal or not.
    MacOs,
}

impl OperatingSystem {
    /// The name as package-server tokens write it: `linux`, `android`, `windows`, `macos`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Android => "android",
            Self::Windows => "windows",
            Self::MacOs => "macos",
        }
    }
}

impl fmt::Display for OperatingSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The file format of a binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// ELF, of either word size and byte order.
    Elf,
    /// PE, of either word size.
    Pe,
    /// Mach-O for one CPU: 64 bits, little-endian.
    MachO,
    /// Several Mach-O files in one, a slice for each CPU.
    UniversalMachO,
}
