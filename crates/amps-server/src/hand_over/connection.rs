//! One package that is handed over, as the server sees it. The thread may block.

use std::{
    io::{self, BufRead, BufReader, Read, Write as _},
    os::unix::net::UnixStream,
    time::Duration,
};

use amps_core::{
    audit::{Actor, Cause, Channel},
    chain,
};

use super::{Head, MAX_HEAD_BYTES, StoreUpload, Verdict, take::take};
use crate::{deployment_server::Intake, upload_places::VerifyingPlace};

/// After so long, a command that sends nothing does not keep others from being verified.
const SPARED: Duration = Duration::from_secs(1);

/// Reads what a command sends, takes the package in, and answers. A command that is silent for `patience` is given up.
pub(super) fn answer(intake: &Intake, stream: &UnixStream, place: VerifyingPlace, patience: Duration) {
    let verdict = match receive(intake, stream, place, patience) {
        Ok(verdict) => verdict,
        Err(error) => Verdict::failed(format!("the package did not arrive: {}", chain(&error))),
    };
    reply(stream, &verdict);
}

/// Sends a verdict. Whoever wanted to know it may have gone away.
pub(super) fn reply(mut stream: &UnixStream, verdict: &Verdict) {
    let Ok(mut line) = serde_json::to_vec(verdict) else { return };
    line.push(b'\n');
    let _ = stream.set_write_timeout(Some(SPARED)).and_then(|()| stream.write_all(&line));
}

fn receive(
    intake: &Intake,
    stream: &UnixStream,
    place: VerifyingPlace,
    patience: Duration,
) -> io::Result<Verdict> {
    stream.set_read_timeout(Some(SPARED))?;
    let mut reader = BufReader::with_capacity(128 * 1024, Patient { stream, place, patience });
    let mut line = Vec::new();
    (&mut reader).take(MAX_HEAD_BYTES).read_until(b'\n', &mut line)?;
    match serde_json::from_slice::<Head<StoreUpload>>(&line) {
        Ok(Head { size_bytes, upload }) => {
            Ok(take(intake, &upload, cause(stream), Whole { reader, left_bytes: size_bytes }))
        }
        Err(error) => {
            Ok(Verdict::failed(format!("the command and the server do not understand each other: {error}")))
        }
    }
}

/// Who gives the command: the system knows who is at the other end.
fn cause(stream: &UnixStream) -> Cause {
    #[cfg(target_os = "linux")]
    let actor = rustix::net::sockopt::socket_peercred(stream)
        .map_or(Actor::Anonymous, |peer| Actor::System { uid: peer.uid.as_raw(), name: None });
    #[cfg(not(target_os = "linux"))]
    let actor = {
        let _ = stream;
        Actor::Anonymous
    };
    Cause::new(actor, Channel::Command)
}

/// A socket that leaves its place among those that verify while it is silent.
struct Patient<'s> {
    stream: &'s UnixStream,
    place: VerifyingPlace,
    patience: Duration,
}

impl Read for Patient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut silent = Duration::ZERO;
        loop {
            match self.stream.read(buffer) {
                Ok(count) => {
                    self.place.take();
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    self.place.leave();
                    silent += SPARED;
                    if silent >= self.patience {
                        let message = format!("nothing came for {} seconds", self.patience.as_secs());
                        return Err(io::Error::new(io::ErrorKind::TimedOut, message));
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// A package that has as many bytes as was said: the end of a command is not that of the package.
struct Whole<R> {
    reader: R,
    left_bytes: u64,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left_bytes).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.reader.read(buffer.get_mut(..most).unwrap_or_default())?;
        if count == 0 && most > 0 {
            let message = format!("{} bytes are missing", self.left_bytes);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        self.left_bytes -= count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], size_bytes: u64) -> io::Result<Vec<u8>> {
        let mut read = Vec::new();
        Whole { reader: bytes, left_bytes: size_bytes }.read_to_end(&mut read).map(|_| read)
    }

    #[test]
    fn a_package_ends_where_it_was_said_to_end() {
        assert_eq!(read(b"package", 7).unwrap(), b"package");
        assert_eq!(read(b"package", 4).unwrap(), b"pack");
        assert_eq!(read(b"", 0).unwrap(), b"");
        assert_eq!(read(b"package", 9).unwrap_err().to_string(), "2 bytes are missing");
    }
}
