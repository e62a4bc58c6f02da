//! Any bytes as a package: read and verified, or refused, within the limits.
//!
//! Packages are compressed, and a change to compressed bytes is a wrong checksum nearly always. So what libFuzzer
//! changes is the archive inside, which is compressed again afterwards; one time in eight it is the outside.
#![no_main]

use ampkg::{Limits, read};
use flate2::Compression;
use flate2::read::{GzEncoder, MultiGzDecoder};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use std::io::Read;

/// Small, so that inputs stay fast and what goes beyond the limits is reached.
const PACKAGE_BYTES: u64 = 1 << 20;
const UNPACKED_BYTES: u64 = 4 << 20;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits {
        package_bytes: PACKAGE_BYTES,
        unpacked_bytes: UNPACKED_BYTES,
        gzip_members: 16,
        entries: 64,
        ..Limits::default()
    };
    if let Ok(package) = read(bytes, &limits, &mut ()) {
        let _ = package.verify();
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed % 8 == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    change_archive(data, size, max_size).unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});

/// The new size of `data`; nothing when it is not compressed, or does not fit any more.
fn change_archive(data: &mut [u8], size: usize, max_size: usize) -> Option<usize> {
    let mut archive = Vec::new();
    // A package that is cut short has an archive, too: as much of it as there is.
    let _ = MultiGzDecoder::new(data.get(..size)?).take(UNPACKED_BYTES).read_to_end(&mut archive);
    if archive.is_empty() {
        return None;
    }
    let unpacked = archive.len();
    archive.resize(unpacked + 4096, 0);
    let changed = fuzzer_mutate(&mut archive, unpacked, unpacked + 4096);
    let mut package = Vec::new();
    GzEncoder::new(archive.get(..changed)?, Compression::fast()).read_to_end(&mut package).ok()?;
    if package.len() > max_size {
        return None;
    }
    data.get_mut(..package.len())?.copy_from_slice(&package);
    Some(package.len())
}
