//! The name that the program was started under: under that of the reference it takes the reference's arguments and prints its
//! lines.

use std::{ffi::OsStr, path::Path};

/// The name that the program was started under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// Its own, or any other.
    Amps,
    /// `appman-package-server`.
    PackageServer,
}

impl Name {
    pub(crate) fn of_process() -> Self {
        std::env::args_os().next().as_deref().map_or(Self::Amps, Self::of)
    }

    /// `program` is the first word of the command line: a link's name, not that of what it leads to.
    fn of(program: &OsStr) -> Self {
        let name = Path::new(program).file_name().and_then(OsStr::to_str).unwrap_or_default();
        match name.strip_suffix(".exe").unwrap_or(name) {
            "appman-package-server" => Self::PackageServer,
            _ => Self::Amps,
        }
    }

    /// The first line on the console.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Amps => concat!("amps ", env!("CARGO_PKG_VERSION")),
            Self::PackageServer => "Qt ApplicationManager Package Server",
        }
    }

    /// How serving is asked for under this name.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::Amps => "amps serve",
            Self::PackageServer => "appman-package-server",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_name_counts() {
        for (program, name) in [
            ("amps", Name::Amps),
            ("/usr/bin/appman-package-server", Name::PackageServer),
            ("appman-package-server", Name::PackageServer),
            ("./appman-package-server.exe", Name::PackageServer),
            ("appman-package-server/amps", Name::Amps),
            ("my-appman-package-server", Name::Amps),
            ("appman-package-server-6", Name::Amps),
            ("", Name::Amps),
        ] {
            assert_eq!(Name::of(OsStr::new(program)), name, "{program}");
        }
    }
}
