//! Arbitrary bytes behind every magic number.

use amps_arch::{DeploymentServerToken, PackageServerToken, normalise_abi};
use proptest::prelude::*;

use crate::{
    detect, detect_in_pieces,
    elf_builder::{ANDROID, ElfFile, NOTE, Numbering, Order, PROGBITS},
};

fn magic() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"".to_vec()),
        (1_u8..=2, 1_u8..=2).prop_map(|(class, data)| vec![0x7f, b'E', b'L', b'F', class, data, 1, 0]),
        Just(b"MZ".to_vec()),
        Just(vec![0xcf, 0xfa, 0xed, 0xfe]),
        (0_u8..5).prop_map(|count| vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, count]),
    ]
}

/// Bytes of which half are zero, so that numbers in them are often small enough to mean something.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![Just(0_u8), any::<u8>()], 0..600)
}

/// Files with the strings that random bytes would never have.
fn elf() -> impl Strategy<Value = ElfFile> {
    let name = prop::sample::select(vec![".text", ".note.gnu", ANDROID, ".rela.note.android.ident"]);
    let kind = prop::sample::select(vec![PROGBITS, NOTE]);
    let order = prop::sample::select(vec![Order::NamesFirst, Order::HeadersFirst]);
    let numbering = prop::sample::select(vec![Numbering::InHead, Numbering::Extended]);
    let gap = prop::sample::select(vec![Vec::new(), vec![0; 100], ANDROID.as_bytes().repeat(20)]);
    (any::<(bool, bool)>(), prop::collection::vec((name, kind), 0..20), order, numbering, gap).prop_map(
        |((is_64_bit, is_big_endian), sections, order, numbering, gap)| ElfFile {
            is_64_bit,
            is_big_endian,
            machine: 183,
            sections,
            order,
            numbering,
            gap,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_bytes_are_survived_and_pieces_do_not_matter(
        magic in magic(),
        rest in bytes(),
        sizes in prop::collection::vec(1_usize..100, 1..10),
    ) {
        let file = [magic, rest].concat();
        prop_assert_eq!(detect_in_pieces(&file, &sizes), detect(&file));
    }

    #[test]
    fn an_elf_file_is_androids_exactly_when_a_note_section_says_so(
        elf in elf(),
        sizes in prop::collection::vec(1_usize..100, 1..10),
    ) {
        let file = elf.build();
        let is_android = elf.sections.iter().any(|&(name, kind)| kind == NOTE && name.starts_with(".note.android"));
        let token = detect_in_pieces(&file, &sizes).unwrap().package_server_token();
        prop_assert_eq!(token.as_str().starts_with("android_arm_"), is_android);
        prop_assert_eq!(token.as_str().starts_with("linux_arm_"), !is_android);
    }

    #[test]
    fn whatever_text_is_accepted_stays_as_it_is(text in "[ -~é]{0,70}|[a-zA-Z0-9_]{1,9}(-[a-z0-9_]{1,9}){0,6}") {
        if let Ok(token) = text.parse::<PackageServerToken>() {
            prop_assert_eq!(String::from(token), text.clone());
        }
        if let Ok(token) = text.parse::<DeploymentServerToken>() {
            prop_assert_eq!(String::from(token), text);
        }
    }

    #[test]
    fn a_normalised_abi_is_a_token_and_normal(
        abi in "[a-z0-9_]{1,9}-(little|big)_endian-[a-z]{0,3}[0-9]{1,3}(-[a-z]{1,5}){0,3}-(linux|darwin|winnt|qnx|freebsd)",
    ) {
        let token = normalise_abi(&abi).unwrap();
        prop_assert_eq!(token.as_str().parse(), Ok(token.clone()));
        prop_assert_eq!(normalise_abi(token.as_str()), Ok(token));
    }
}
