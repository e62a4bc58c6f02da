//! The openssl command line: it makes what is tested, and says what it thinks of what we make.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder in which openssl works.
pub(crate) struct OpenSsl {
    folder: TempDir,
}

impl OpenSsl {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs a command, in words that are split at spaces; file names are relative to the folder. It must
    /// succeed.
    pub(crate) fn run(&self, words: &str) {
        let output = self.output(&words.split_whitespace().collect::<Vec<_>>());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {words}\n{stderr}");
    }

    pub(crate) fn output(&self, words: &[&str]) -> Output {
        let mut command = Command::new("openssl");
        command.current_dir(self.folder.path()).args(words);
        command
            .output()
            .unwrap_or_else(|error| panic!("the openssl command is needed for this test: {error}"))
    }
}

/// A file in `fixtures/pki`.
pub(crate) fn pki_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pki").join(name)
}

pub(crate) fn pki(name: &str) -> Vec<u8> {
    let path = pki_path(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
