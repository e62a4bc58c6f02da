//! A file that comes to its reader half first.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
    process::Command,
    sync::mpsc::{Sender, channel},
    thread,
};

/// Gives whoever opens a file the first half of its bytes, and the rest when this is dropped.
pub struct HalfFile(#[allow(dead_code, reason = "its end is what counts")] Sender<()>);

impl HalfFile {
    /// Stands in the place of a file from now on; whoever has that open already keeps it. Wait for the reader before this is dropped:
    /// each half must be more than a pipe holds, which is 64 KiB.
    ///
    /// # Panics
    /// If there cannot be a named pipe.
    #[must_use]
    pub fn in_place_of(file: &Path, bytes: Vec<u8>) -> Self {
        let pipe = file.with_extension("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.as_ref().is_ok_and(std::process::ExitStatus::success), "mkfifo: {made:?}");
        // Open for both, so that neither this nor the reader waits for the other to open it.
        let end = OpenOptions::new().read(true).write(true).open(&pipe);
        let mut end = end.unwrap_or_else(|error| panic!("{}: {error}", pipe.display()));
        fs::rename(&pipe, file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let (sender, dropped) = channel();
        thread::spawn(move || {
            let (first, rest) = bytes.split_at(bytes.len() / 2);
            let written = end.write_all(first);
            let _ = dropped.recv();
            written.and_then(|()| end.write_all(rest))
        });
        Self(sender)
    }
}
