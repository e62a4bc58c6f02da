//! `cargo xtask huge`: a package that unpacks to more than 4 GiB goes through a server that signs.
//!
//! Lengths beyond 32 bits stand in the tar header, in the cut and in the ends of gzip members. The package is 4 GiB of zeros in
//! a few MB; it still has to be inflated half a dozen times, which is too long for the tests that everybody runs.

use crate::bench::client::Connection;
use crate::bench::inputs;
use crate::bench::server::{Server, programs};
use crate::error::Error;
use crate::root::{Root, not_started, run, shown};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

pub(crate) const HELP: &str = "\
A package that unpacks to more than 4 GiB is made, uploaded to a server that signs, and downloaded. Checked are the signature
(for its device, and for no other), the archive (gzip, tar), and that the payload is that of the upload, byte for byte.

Usage: cargo xtask huge

Takes a few minutes, most of them gzip's. Needs gzip and tar, and builds the programs in release mode.
";

/// The device that asks.
const DEVICE: u64 = 4711;

/// Exit code of `amps-packager store-verify-package` for a signature that is not valid.
const NOT_VALID: i32 = 2;

/// Zeros that may stand at the end of an archive: tools fill up to 10 KiB. Bytes.
const MAX_MARK_BYTES: u64 = 1 << 20;

pub(crate) fn run_huge(root: &Root) -> Result<(), Error> {
    let packager = programs(root)?.join("amps-packager");
    let upload = inputs::huge_package(root, &packager)?;
    let server = Server::start_signing(root)?;
    step("upload", || server.upload(&upload))?;
    let signed = root.join("target/bench/huge-signed.ampkg");
    step("download", || {
        let saved = File::create(&signed).and_then(|file| {
            let mut output = BufWriter::new(file);
            Connection::open(server.address())?.download(inputs::PACKAGE_ID, DEVICE, &mut output)?;
            io::Write::flush(&mut output)
        });
        saved.map_err(|error| Error::io(&signed, &error))
    })?;
    let verify = |device: u64| {
        let mut command = Command::new(&packager);
        command.arg("store-verify-package").arg(&signed).arg(root.join("fixtures/pki/ca.crt"));
        command.arg(device.to_string());
        command
    };
    step("signature", || run(&mut verify(DEVICE)))?;
    step("signature for another device", || {
        let mut command = verify(DEVICE + 1);
        let status = command.status().map_err(|error| not_started(&command, &error))?;
        match status.code() {
            Some(NOT_VALID) => Ok(()),
            _ => Err(Error::failed(format!("`{}` ended with {status}", shown(&command)))),
        }
    })?;
    step("gzip and tar", || {
        run(Command::new("gzip").arg("-tc").arg(&signed).stdout(Stdio::null()))?;
        run(Command::new("tar").arg("-tzf").arg(&signed).stdout(Stdio::null()))
    })?;
    step("payload", || compare_payload(&upload, &signed))?;
    fs::remove_file(&signed).map_err(|error| Error::io(&signed, &error))
}

/// Does one thing and says how long it took.
fn step(what: &str, work: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
    let start = Instant::now();
    work()?;
    println!("{what:30} {:7.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// The archive that was uploaded has to be the beginning of the one that came back, up to the mark at its end, which is zeros.
fn compare_payload(upload: &Path, signed: &Path) -> Result<(), Error> {
    let mut processes = [unpack(upload)?, unpack(signed)?];
    let [one, other] = &mut processes;
    let (Some(one), Some(other)) = (one.stdout.take(), other.stdout.take()) else {
        return Err(Error::unable("gzip has no output"));
    };
    let compared = first_difference(one, other).map_err(|error| Error::io("the unpacked packages", &error));
    for process in &mut processes {
        // One of them may not have been read to its end.
        let _ = process.kill();
        let _ = process.wait();
    }
    match compared? {
        Some((at, rest_is_zero)) if at > inputs::HUGE_SIZE_BYTES && rest_is_zero => Ok(()),
        found => Err(Error::failed(format!(
            "the payload is another: expected a difference behind byte {} and zeros from there, found {found:?}",
            inputs::HUGE_SIZE_BYTES
        ))),
    }
}

fn unpack(package: &Path) -> Result<Child, Error> {
    let mut command = Command::new("gzip");
    command.arg("-dc").arg(package).stdout(Stdio::piped());
    command.spawn().map_err(|error| not_started(&command, &error))
}

/// Where two streams differ first, and whether the first one is zeros from there to its end; nothing if they do not differ.
fn first_difference(mut one: impl Read, mut other: impl Read) -> io::Result<Option<(u64, bool)>> {
    let (mut left, mut right) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    let mut at = 0;
    loop {
        let (left_bytes, right_bytes) = (fill(&mut one, &mut left)?, fill(&mut other, &mut right)?);
        if left_bytes.is_empty() && right_bytes.is_empty() {
            return Ok(None);
        }
        // As a whole first: byte by byte, a debug build would need minutes.
        if left_bytes == right_bytes {
            at += left_bytes.len() as u64;
            continue;
        }
        let same = left_bytes.iter().zip(right_bytes).take_while(|(one, other)| one == other).count();
        let mut rest = left_bytes.get(same..).unwrap_or_default().to_vec();
        // An archive ends soon behind its mark; whatever is longer than that is no mark.
        one.take(MAX_MARK_BYTES).read_to_end(&mut rest)?;
        let is_mark = (rest.len() as u64) < MAX_MARK_BYTES && rest.iter().all(|byte| *byte == 0);
        return Ok(Some((at + same as u64, is_mark)));
    }
}

/// Reads until the buffer is full or the stream ends.
fn fill<'a>(stream: &mut impl Read, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let mut filled = 0;
    while let Some(free) = buffer.get_mut(filled..).filter(|free| !free.is_empty()) {
        match stream.read(free)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(buffer.get(..filled).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_where_streams_differ() {
        let find = |one: &[u8], other: &[u8]| first_difference(one, other).unwrap();
        assert_eq!(find(b"same", b"same"), None);
        assert_eq!(find(b"same\0\0\0", b"samefooter\0"), Some((4, true)));
        assert_eq!(find(b"samX\0\0\0", b"samefooter\0"), Some((3, false)));
        assert_eq!(find(b"same", b"same\0"), Some((4, true)));
        assert_eq!(find(b"same\0X", b"samefooter"), Some((4, false)));
        let long = vec![1; (1 << 20) + 5];
        assert_eq!(find(&long, &long[..long.len() - 1]), Some(((1 << 20) + 4, false)));
        assert_eq!(
            find(&[long.clone(), vec![0; 9]].concat(), &[long, vec![2; 9]].concat()),
            Some(((1 << 20) + 5, true))
        );
    }
}
