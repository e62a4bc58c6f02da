//! What compilers and linkers produce: `fixtures/binaries` and its table of tokens.

use std::{collections::BTreeMap, fs, path::PathBuf};

use proptest::prelude::*;

use crate::{deployment_server, detect, detect_in_pieces, package_server};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/binaries")
}

/// Every binary by its name.
fn files() -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .filter(|(name, _)| !matches!(name.as_str(), "README.md" | "tokens.json"))
        .collect()
}

#[test]
fn every_binary_has_the_tokens_of_the_table() {
    let table: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&fs::read(folder().join("tokens.json")).unwrap()).unwrap();
    let files = files();
    assert_eq!(files.keys().collect::<Vec<_>>(), table.keys().collect::<Vec<_>>());
    for (name, file) in &files {
        let expected = &table[name];
        assert_eq!(expected["package_server"], package_server(file), "{name}");
        assert_eq!(expected["deployment_server"].as_str(), deployment_server(file).as_deref(), "{name}");
    }
}

#[test]
fn pieces_do_not_matter() {
    for (name, file) in files() {
        let expected = detect(&file);
        for size in [1, 2, 3, 7, 19, 63, 64, 65, 67, 68, 69, 511, 4096] {
            assert_eq!(detect_in_pieces(&file, &[size]), expected, "{name} in pieces of {size}");
        }
    }
}

#[test]
fn a_file_cut_short_is_the_same_processor_or_none() {
    for (name, file) in files() {
        let processors = |binary: &amps_arch::Binary| binary.processors().to_vec();
        let whole = detect(&file).as_ref().map(processors);
        let mut known = false;
        for length in 0..file.len() {
            let cut = detect(&file[..length]).as_ref().map(processors);
            assert!(cut.is_none() || cut == whole, "{name} cut to {length}: {cut:?}");
            assert!(!known || cut.is_some(), "{name} is less with {length} bytes than with one fewer");
            known = cut.is_some();
        }
    }
}

#[test]
fn a_file_needs_to_reach_to_its_machine() {
    let files = files();
    let check = |name: &str, machine_end: usize| {
        let file = &files[name];
        assert_eq!(detect(&file[..machine_end - 1]), None, "{name}");
        assert!(detect(&file[..machine_end]).is_some(), "{name}");
    };
    check("linux-x86_64", 20);
    check("linux-mips-be", 20);
    check("macos-arm64.dylib", 8);
    check("macos-universal.dylib", 8 + 2 * 20);
    let pe = &files["windows-x86_64.exe"];
    let header_at = usize::from(pe[0x3c]) + usize::from(pe[0x3d]) * 256;
    check("windows-x86_64.exe", header_at + 6);
}

#[test]
fn a_settled_answer_is_the_answer() {
    for (name, file) in files() {
        let mut detector = amps_arch::Detector::new();
        let fed = file.iter().take_while(|&&byte| {
            let wants_more = !detector.is_settled();
            if wants_more {
                detector.update(&[byte]);
            }
            wants_more
        });
        let fed = fed.count();
        assert_eq!(detector.finish(), detect(&file), "{name}, settled after {fed} bytes");
        if name.starts_with("macos") {
            assert_eq!(fed, 68, "{name} is settled with its head");
        }
    }
}

proptest! {
    #[test]
    fn random_pieces_do_not_matter(sizes in prop::collection::vec(1_usize..300, 1..40)) {
        for (name, file) in files() {
            prop_assert_eq!(detect_in_pieces(&file, &sizes), detect(&file), "{}", name);
        }
    }

    #[test]
    fn damage_is_survived(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
        head_damage in prop::collection::vec((4_usize..68, any::<u8>()), 0..10),
        sizes in prop::collection::vec(1_usize..300, 1..10),
    ) {
        for (name, mut file) in files() {
            for (index, byte) in &damage {
                let at = index.index(file.len());
                file[at] = *byte;
            }
            for (at, byte) in &head_damage {
                if let Some(old) = file.get_mut(*at) {
                    *old = *byte;
                }
            }
            let binary = detect(&file);
            prop_assert_eq!(detect_in_pieces(&file, &sizes), binary.clone(), "{}", name);
            if let Some(binary) = binary {
                let token = binary.package_server_token();
                prop_assert_eq!(token.as_str().parse(), Ok(token));
                if let Ok(token) = binary.deployment_server_token() {
                    prop_assert_eq!(token.as_str().parse(), Ok(token));
                }
            }
        }
    }
}
