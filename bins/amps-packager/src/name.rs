//! The name that the program was started under: under that of the reference its errors read like the reference's.

use std::{ffi::OsStr, path::Path};

use amps_cli::Failure;

/// The name that the program was started under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// Its own, or any other.
    AmpsPackager,
    /// `appman-packager`.
    Packager,
}

impl Name {
    pub(crate) fn of_process() -> Self {
        std::env::args_os().next().as_deref().map_or(Self::AmpsPackager, Self::of)
    }

    /// `program` is the first word of the command line: a link's name, not that of what it leads to.
    fn of(program: &OsStr) -> Self {
        let name = Path::new(program).file_name().and_then(OsStr::to_str).unwrap_or_default();
        match name.strip_suffix(".exe").unwrap_or(name) {
            "appman-packager" => Self::Packager,
            _ => Self::AmpsPackager,
        }
    }

    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::AmpsPackager => "amps-packager",
            Self::Packager => "appman-packager",
        }
    }

    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::AmpsPackager => env!("CARGO_PKG_VERSION"),
            Self::Packager => concat!("(amps ", env!("CARGO_PKG_VERSION"), ")"),
        }
    }

    /// What is said of a package that cannot be read.
    pub(crate) fn unreadable(self, package: &Path, error: amps_core::Error) -> Failure {
        match self {
            Self::AmpsPackager => error.into(),
            Self::Packager => Failure::message(format!(
                "could not extract package {}: {}",
                package.display(),
                error.chain()
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_name_counts() {
        for (program, name) in [
            ("amps-packager", Name::AmpsPackager),
            ("/usr/bin/appman-packager", Name::Packager),
            ("appman-packager.exe", Name::Packager),
            ("appman-packager/amps-packager", Name::AmpsPackager),
            ("appman-packager2", Name::AmpsPackager),
            ("", Name::AmpsPackager),
        ] {
            assert_eq!(Name::of(OsStr::new(program)), name, "{program}");
        }
    }
}
