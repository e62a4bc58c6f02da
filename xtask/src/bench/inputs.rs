//! Inputs made from a fixed seed: a source tree of 80 MB, the archive and the package of 33 MB that `gzip -6` makes of it,
//! and a package of 2 GiB.

use crate::bench::measure;
use crate::error::Error;
use crate::root::{Root, run};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Content of the tree without manifest and icon. Bytes.
const TREE_SIZE_BYTES: usize = 80_000_000;

/// Files are at most this large, and half of them at most a hundredth of it, as in real packages. Bytes.
const MAX_FILE_SIZE_BYTES: u64 = 4_000_000;

/// Of 100 blocks this many are noise and the rest words, so that `gzip -6` makes 33 MB of 80 MB.
const NOISE_PERCENT: u64 = 13;

/// Content changes its kind at most this often. Bytes.
const BLOCK_SIZE_BYTES: usize = 4096;

/// How many different words there are.
const WORDS: u64 = 256;

const SEED: u64 = 0x616d_7073_6265_6e63;

/// Zeros in the huge package: more than the length at the end of a gzip member can tell. Bytes.
pub(super) const HUGE_SIZE_BYTES: u64 = (4 << 30) + (300 << 20);

/// The id that the manifest names.
pub(super) const PACKAGE_ID: &str = "org.example.bench";

/// The id of the package that stands beside it.
pub(super) const OTHER_PACKAGE_ID: &str = "org.example.other";

/// Noise in that one. Bytes.
const OTHER_SIZE_BYTES: u64 = 1_000_000;

/// Noise in the small package. Bytes.
const SMALL_SIZE_BYTES: u64 = 9_000;

/// Noise in the large package. Bytes.
const LARGE_SIZE_BYTES: u64 = 2 << 30;

const MANIFEST: &str = "\
%YAML 1.1
---
formatType: am-package
formatVersion: 1
---
id: org.example.bench
icon: icon.png
name:
  en: Bench
version: '1.0'
applications:
- id: org.example.bench.app
  code: program
  runtime: native
";

/// One transparent pixel.
pub(super) const ICON: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\rIDATx\x9cc`\0\x02\0\0\x05\0\x01z^\xabE\0\0\0\0IEND\xaeB`\x82";

/// The folder of the source tree.
pub(super) fn tree(root: &Root) -> Result<PathBuf, Error> {
    cached(root, "tree", |folder| {
        fs::create_dir_all(folder.join("data")).map_err(|error| Error::io(folder, &error))?;
        write(&folder.join("info.yaml"), MANIFEST.as_bytes())?;
        write(&folder.join("icon.png"), ICON)?;
        let mut random = XorShift(SEED);
        let mut bytes = content(TREE_SIZE_BYTES);
        let mut name = "program".to_owned();
        while !bytes.is_empty() {
            let limit = if random.below(2) == 0 { MAX_FILE_SIZE_BYTES / 100 } else { MAX_FILE_SIZE_BYTES };
            let size = usize::try_from(random.below(limit) + 1).unwrap_or(usize::MAX).min(bytes.len());
            let rest = bytes.split_off(size);
            write(&folder.join(&name), &bytes)?;
            bytes = rest;
            name = format!("data/{:016x}", random.next());
        }
        Ok(())
    })
}

/// The tree as `tar` and `gzip -6` pack it.
pub(super) fn archive(root: &Root) -> Result<PathBuf, Error> {
    let tree = tree(root)?;
    cached(root, "tree.tar.gz", |path| {
        let mut tar = Command::new("tar");
        tar.args(["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "-C"]);
        tar.arg(&tree).args(["-cf", "-", "."]);
        let mut gzip = Command::new("gzip");
        gzip.args(["-6", "-n"]);
        let file = fs::File::create(path).map_err(|error| Error::io(path, &error))?;
        measure::pipeline(vec![tar, gzip], Stdio::from(file)).map(drop)
    })
}

/// The tree as a package, compressed by `gzip -6` as the reference packager's zlib would.
pub(super) fn package(root: &Root, packager: &Path) -> Result<PathBuf, Error> {
    let tree = tree(root)?;
    cached(root, "tree.ampkg", |path| {
        let ours = path.with_extension("ours");
        run(Command::new(packager).arg("create-package").arg(&ours).arg(&tree))?;
        let mut unpack = Command::new("gzip");
        unpack.arg("-dc").arg(&ours);
        let mut pack = Command::new("gzip");
        pack.args(["-6", "-n"]);
        let file = fs::File::create(path).map_err(|error| Error::io(path, &error))?;
        measure::pipeline(vec![unpack, pack], Stdio::from(file))?;
        fs::remove_file(&ours).map_err(|error| Error::io(&ours, &error))
    })
}

/// A package of 2 GiB: noise, which does not get smaller.
pub(super) fn large_package(root: &Root, packager: &Path) -> Result<PathBuf, Error> {
    package_of_noise(root, packager, "large.ampkg", LARGE_SIZE_BYTES)
}

/// A package of 10 kB.
pub(super) fn small_package(root: &Root, packager: &Path) -> Result<PathBuf, Error> {
    package_of_noise(root, packager, "small.ampkg", SMALL_SIZE_BYTES)
}

/// A package of 1 MB with the other id.
pub(super) fn other_package(root: &Root, packager: &Path) -> Result<PathBuf, Error> {
    let manifest = MANIFEST.replace(PACKAGE_ID, OTHER_PACKAGE_ID);
    package_with(root, packager, "other.ampkg", (&manifest, OTHER_SIZE_BYTES))
}

/// A package of about as many bytes of noise.
pub(super) fn package_of_noise(
    root: &Root,
    packager: &Path,
    name: &str,
    size_bytes: u64,
) -> Result<PathBuf, Error> {
    package_with(root, packager, name, (MANIFEST, size_bytes))
}

fn package_with(
    root: &Root,
    packager: &Path,
    name: &str,
    (manifest, size_bytes): (&str, u64),
) -> Result<PathBuf, Error> {
    cached(root, name, |path| {
        let tree = path.with_extension("tree");
        fs::create_dir_all(&tree).map_err(|error| Error::io(&tree, &error))?;
        write(&tree.join("info.yaml"), manifest.as_bytes())?;
        write(&tree.join("icon.png"), ICON)?;
        let program = tree.join("program");
        noise(&program, size_bytes).map_err(|error| Error::io(&program, &error))?;
        run(Command::new(packager).arg("create-package").arg(path).arg(&tree))?;
        fs::remove_dir_all(&tree).map_err(|error| Error::io(&tree, &error))
    })
}

/// A package that unpacks to more than 4 GiB: one file of zeros, which is packed to a thousandth of that.
pub(super) fn huge_package(root: &Root, packager: &Path) -> Result<PathBuf, Error> {
    cached(root, "huge.ampkg", |path| {
        let tree = path.with_extension("tree");
        fs::create_dir_all(&tree).map_err(|error| Error::io(&tree, &error))?;
        write(&tree.join("info.yaml"), MANIFEST.as_bytes())?;
        write(&tree.join("icon.png"), ICON)?;
        let program = tree.join("program");
        let zeros = fs::File::create(&program).and_then(|file| file.set_len(HUGE_SIZE_BYTES));
        zeros.map_err(|error| Error::io(&program, &error))?;
        run(Command::new(packager).arg("create-package").arg(path).arg(&tree))?;
        fs::remove_dir_all(&tree).map_err(|error| Error::io(&tree, &error))
    })
}

fn noise(path: &Path, size: u64) -> io::Result<()> {
    let mut random = XorShift(SEED);
    let mut file = io::BufWriter::with_capacity(1 << 20, fs::File::create(path)?);
    for _ in 0..size / 8 {
        file.write_all(&random.next().to_le_bytes())?;
    }
    file.flush()
}

/// At least `size` bytes of noise, another for each seed but 0.
pub(super) fn noise_bytes(seed: u64, size: usize) -> Vec<u8> {
    let mut random = XorShift(seed);
    (0..size.div_ceil(8)).flat_map(|_| random.next().to_le_bytes()).collect()
}

/// `size` bytes, always the same: noise and words in blocks.
pub(super) fn content(size: usize) -> Vec<u8> {
    let mut random = XorShift(SEED);
    let words: Vec<Vec<u8>> = (0..WORDS).map(|_| word(&mut random)).collect();
    let mut bytes = Vec::with_capacity(size + BLOCK_SIZE_BYTES);
    while bytes.len() < size {
        let end = bytes.len() + BLOCK_SIZE_BYTES;
        let is_noise = random.below(100) < NOISE_PERCENT;
        while bytes.len() < end {
            if is_noise {
                bytes.extend(random.next().to_le_bytes());
            } else if let Some(word) =
                usize::try_from(random.below(WORDS)).ok().and_then(|index| words.get(index))
            {
                bytes.extend(word);
            }
        }
        bytes.truncate(end);
    }
    bytes.truncate(size);
    bytes
}

/// Two to nine letters and a blank.
fn word(random: &mut XorShift) -> Vec<u8> {
    let length = 2 + random.below(8);
    let letter = |random: &mut XorShift| b'a' + u8::try_from(random.below(26)).unwrap_or(0);
    (0..length).map(|_| letter(random)).chain([b' ']).collect()
}

/// What `make` made at the path that it is given, under `target/bench`; made only if it is not there yet.
pub(super) fn cached(
    root: &Root,
    name: &str,
    make: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<PathBuf, Error> {
    // Named after what it is made of, so that other constants make other inputs.
    let folder = root.join(format!("target/bench/{SEED:x}-{TREE_SIZE_BYTES}-{NOISE_PERCENT}-{WORDS}"));
    let path = folder.join(name);
    if path.exists() {
        return Ok(path);
    }
    eprintln!("making {}", path.display());
    fs::create_dir_all(&folder).map_err(|error| Error::io(&folder, &error))?;
    // What an interrupted run left is made again: only what is whole gets the name.
    let unfinished = folder.join(format!("{name}.unfinished"));
    if unfinished.is_dir() {
        fs::remove_dir_all(&unfinished).map_err(|error| Error::io(&unfinished, &error))?;
    }
    make(&unfinished)?;
    fs::rename(&unfinished, &path).map_err(|error| Error::io(&path, &error))?;
    Ok(path)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(|error| Error::io(path, &error))
}

/// Marsaglia's generator (xorshift64, "Xorshift RNGs", 2003): small, fast, the same everywhere; for nothing secret.
pub(super) struct XorShift(u64);

impl XorShift {
    /// One that begins with this seed, which is not 0.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `limit`, which is far smaller than 2^64, so that the remainder's bias does not matter.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_always_the_same() {
        let bytes = content(100_000);
        assert_eq!(bytes.len(), 100_000);
        assert_eq!(content(100_000), bytes);
        assert_eq!(content(10), bytes[..10]);
    }

    #[test]
    fn content_is_words_with_some_noise() {
        let bytes = content(1_000_000);
        let texts = bytes.chunks(BLOCK_SIZE_BYTES).filter(|block| block.is_ascii()).count();
        let blocks = bytes.len().div_ceil(BLOCK_SIZE_BYTES);
        assert!((blocks * 7 / 10..blocks).contains(&texts), "{texts} of {blocks} blocks are words");
    }

    #[test]
    fn numbers_are_spread() {
        let mut random = XorShift(SEED);
        let mut counts = [0_u32; 10];
        for _ in 0..10_000 {
            counts[usize::try_from(random.below(10)).unwrap()] += 1;
        }
        assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
    }
}
