//! Where the socket lies. The address of a socket has room for some hundred bytes (unix(7): 108), a path may have more.

use std::{
    fs::File,
    io,
    os::fd::AsRawFd as _,
    path::{Path, PathBuf},
};

use super::SOCKET;

/// Bytes in a path that fits everywhere, with the zero that ends it.
const MAX_ADDRESS_BYTES: usize = 100;

/// The socket of a data directory, and a path of it that is short enough.
pub(super) struct Address {
    /// What it is called.
    pub(super) path: PathBuf,
    /// By what the system finds it, as long as this lives.
    pub(super) short: PathBuf,
    /// The folder, where `short` goes through it.
    _folder: Option<File>,
}

impl Address {
    /// That in a folder `.amps`.
    pub(super) fn of(amps: &Path) -> io::Result<Self> {
        let path = amps.join(SOCKET);
        if path.as_os_str().len() <= MAX_ADDRESS_BYTES {
            return Ok(Self { short: path.clone(), path, _folder: None });
        }
        let folder = File::open(amps)?;
        let short = PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd()));
        Ok(Self { path, short, _folder: Some(folder) })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::*;

    #[test]
    fn a_long_path_can_be_listened_on() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["short".to_owned(), "long".repeat(60)] {
            let amps = folder.path().join(name);
            std::fs::create_dir(&amps).unwrap();
            let address = Address::of(&amps).unwrap();
            assert!(address.short.as_os_str().len() <= MAX_ADDRESS_BYTES);
            let _listener = UnixListener::bind(&address.short).unwrap();
            drop(address);
            assert!(amps.join(SOCKET).exists());
            UnixStream::connect(&Address::of(&amps).unwrap().short).unwrap();
        }
    }
}
