//! Handing a package over to the server that has the data directory.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
};

use super::{Head, MAX_VERDICT_BYTES, StoreUpload, Verdict, address::Address};

/// Bytes that are sent at once.
const PIECE_BYTES: usize = 128 * 1024;

/// Why nobody knows what became of a package.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandOverError {
    /// There is a server, but it cannot be spoken to.
    #[error("cannot speak to the server at {}", ampkg::quoted(&.path.to_string_lossy()))]
    Connect {
        /// The socket.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The package cannot be read.
    #[error("cannot read the package")]
    Package(#[source] io::Error),
    /// The server has gone away; it may have taken the package before.
    #[error("the server ended before it answered")]
    Ended(#[source] io::Error),
    /// The server says something else than a verdict.
    #[error("the server's answer is not one")]
    Answer(#[source] serde_json::Error),
}

/// Hands a package over and waits for the verdict; none if no server listens, and then nothing of the package was read.
pub fn hand_over(
    data_directory: &Path,
    upload: &StoreUpload,
    package: &File,
) -> Result<Option<Verdict>, HandOverError> {
    let amps = data_directory.join(".amps");
    let address = match Address::of(&amps) {
        Ok(address) => address,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(HandOverError::Connect { path: amps, source }),
    };
    let stream = match UnixStream::connect(&address.short) {
        Ok(stream) => stream,
        // None was ever there, or it was killed.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(source) => return Err(HandOverError::Connect { path: address.path, source }),
    };
    send(&stream, upload, package)?;
    verdict(&stream).map(Some)
}

/// Sends everything, or as much as is wanted: a server that knows its verdict already closes.
fn send(mut stream: &UnixStream, upload: &StoreUpload, package: &File) -> Result<(), HandOverError> {
    let size_bytes = package.metadata().map_err(HandOverError::Package)?.len();
    let mut head = serde_json::to_vec(&Head { size_bytes, upload }).map_err(HandOverError::Answer)?;
    head.push(b'\n');
    let mut package = package.take(size_bytes);
    let (mut piece, mut sent_bytes) = (vec![0; PIECE_BYTES], 0);
    if stream.write_all(&head).is_err() {
        return Ok(());
    }
    loop {
        let count = match package.read(&mut piece) {
            Ok(0) if sent_bytes < size_bytes => {
                let error = io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter meanwhile");
                return Err(HandOverError::Package(error));
            }
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(HandOverError::Package(error)),
        };
        if count == 0 || stream.write_all(piece.get(..count).unwrap_or_default()).is_err() {
            // It is not an error if nobody listens any more: the verdict says why.
            let _ = stream.shutdown(Shutdown::Write);
            return Ok(());
        }
        sent_bytes += count as u64;
    }
}

fn verdict(stream: &UnixStream) -> Result<Verdict, HandOverError> {
    let mut line = Vec::new();
    BufReader::new(stream.take(MAX_VERDICT_BYTES))
        .read_until(b'\n', &mut line)
        .map_err(HandOverError::Ended)?;
    if line.last() != Some(&b'\n') {
        return Err(HandOverError::Ended(io::ErrorKind::UnexpectedEof.into()));
    }
    serde_json::from_slice(&line).map_err(HandOverError::Answer)
}
