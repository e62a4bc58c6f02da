//! Files that other compressors made.

use std::{fs, path::PathBuf};

use crate::{check, random::Random, unpack};

fn folder(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_some_and(|extension| extension == "gz" || extension == "ampkg") {
            files.push((name, fs::read(path).unwrap()));
        }
    }
    files.sort();
    assert!(files.len() > 5, "{name} has {} files", files.len());
    files
}

/// Files of a few kilobytes, each with a header of 10 bytes.
pub(crate) fn small() -> Vec<(String, Vec<u8>)> {
    folder("splice").into_iter().filter(|(name, _)| name.starts_with("small-")).collect()
}

/// Files of many blocks, from makers that use several threads or long blocks; zeros behind none of them.
pub(crate) fn large() -> Vec<(String, Vec<u8>)> {
    folder("splice").into_iter().filter(|(name, _)| name.starts_with("large-")).collect()
}

/// The file without the zeros behind its last member.
fn unpadded(file: &[u8]) -> &[u8] {
    // The last member ends with the upper bytes of its length, and those are zero, too.
    let end = file.iter().rposition(|&byte| byte != 0).unwrap() + 1;
    let ends = (end..=file.len().min(end + 4)).find(|&end| {
        use std::io::Read as _;
        flate2::read::MultiGzDecoder::new(&file[..end]).read_to_end(&mut Vec::new()).is_ok()
    });
    &file[..ends.unwrap()]
}

#[test]
fn small_files_can_be_cut_everywhere() {
    for (name, file) in small() {
        let data = unpack(&file);
        let mut longest = 0;
        for end in 0..=data.len() {
            longest = longest.max(check(&file, &data, end).rem.len());
        }
        let is_stored = ["zlib-0", "members", "isal-0"].iter().any(|stored| name.contains(stored));
        assert!(longest <= 257 || is_stored, "{name} leaves {longest} bytes");
    }
}

#[test]
fn large_files_can_be_cut_anywhere() {
    let random = &mut Random(7);
    for (name, file) in large() {
        let data = unpack(&file);
        for _ in 0..60 {
            let recipe = check(&file, &data, random.below(data.len() + 1));
            assert!(recipe.rem.len() <= 257, "{name} leaves {} bytes", recipe.rem.len());
        }
    }
}

#[test]
fn packages_can_be_cut_at_the_end_of_their_entries() {
    for generation in ["packages/qt5", "packages/qt6"] {
        for (name, file) in folder(generation) {
            let data = unpack(unpadded(&file));
            let last = data.iter().rposition(|&byte| byte != 0).unwrap();
            let end = last.next_multiple_of(512);
            let recipe = check(&file, &data, end);
            assert!(recipe.rem.len() <= 257, "{name} leaves {} bytes", recipe.rem.len());
            assert!(recipe.keep_bytes <= unpadded(&file).len() as u64, "{name} keeps padding");
            // And where the last footer begins.
            let footer = data.windows(18).rposition(|bytes| bytes == b"--PACKAGE-FOOTER--").unwrap();
            check(&file, &data, footer);
        }
    }
}
