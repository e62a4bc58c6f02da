//! Packages that were cut or changed on the way.

use std::collections::BTreeSet;

use ampkg::{ErrorClass, Package};
use amps_testkit::{Gzip, PackageBuilder};

use crate::fixtures::{fixture, verify};

fn small() -> PackageBuilder {
    PackageBuilder::hello().directory("d").file("d/f", "some text\n".repeat(9))
}

#[test]
fn every_truncation_is_refused() {
    for package in [
        small().build(),
        small().gzip(Gzip::new().level(0).file_name("hello")).build(),
        fixture("qt6/hello.ampkg"),
    ] {
        let package = &package[..=package.iter().rposition(|&byte| byte != 0).unwrap()];
        for length in 0..package.len() {
            let error = verify(&package[..length]).unwrap_err();
            assert_eq!(error.class(), ErrorClass::Format, "{length}: {error}");
        }
    }
}

#[test]
fn every_truncation_of_several_members_is_refused() {
    let package = small().gzip(Gzip::new().members(4)).build();
    for length in 0..package.len() {
        // Between two members, the file is good gzip: it is the archive that ends early.
        assert!(verify(&package[..length]).is_err(), "{length}");
    }
}

/// Everything that a package says, without what only tells how it was compressed.
fn payload(package: &Package) -> String {
    let Package { header, manifest, footer, icon, digests, entries, unpacked_bytes, warnings, .. } = package;
    format!(
        "{header:?} {manifest:?} {footer:?} {icon:?} {digests:?} {entries:?} {unpacked_bytes} {warnings:?}"
    )
}

/// Which bits of a package can be flipped without it being refused, as (byte, bit).
fn unprotected(package: &[u8]) -> BTreeSet<(usize, u32)> {
    let original = payload(&verify(package).unwrap());
    let mut accepted = BTreeSet::new();
    for offset in 0..package.len() {
        let bit = u32::try_from(offset % 8).unwrap();
        // All bits where the format has bits; elsewhere a bit is as good as another.
        let bits = if offset < 64 || offset + 16 > package.len() { 0..8 } else { bit..bit + 1 };
        for bit in bits {
            let mut flipped = package.to_vec();
            flipped[offset] ^= 1 << bit;
            if let Ok(package) = verify(&flipped) {
                assert_eq!(payload(&package), original, "byte {offset}, bit {bit}");
                accepted.insert((offset, bit));
            }
        }
    }
    accepted
}

/// What nothing covers in a gzip header: the flag for text, time, extra flags, and system (RFC 1952, section 2.3.1).
fn unprotected_header() -> impl Iterator<Item = (usize, u32)> {
    (4..10).flat_map(|offset| (0..8).map(move |bit| (offset, bit))).chain([(3, 0)])
}

#[test]
fn a_flipped_bit_is_refused_where_anything_covers_it() {
    let package = small().gzip(Gzip::new().level(0)).build();
    // A stored block begins with three bits, then fills the byte with bits that mean nothing (RFC 1951, section 3.2.4).
    let mut expected: BTreeSet<_> = unprotected_header().collect();
    let mut offset = 10;
    while offset < package.len() - 8 {
        expected.extend((3..8).map(|bit| (offset, bit)));
        offset += 5 + usize::from(u16::from_le_bytes([package[offset + 1], package[offset + 2]]));
    }
    assert_eq!(unprotected(&package), expected);
}

#[test]
fn a_flipped_bit_of_compressed_data_never_changes_what_is_read() {
    let package = small().build();
    let accepted = unprotected(&package);
    assert!(unprotected_header().all(|place| accepted.contains(&place)));
    // Behind the header, deflate can say the same in other words: the last byte has unused bits, and a run of zeros can be
    // copied from here or there. `unprotected` has seen to it that what is read is the same.
    let (head, tail) = (0..3, package.len() - 8..package.len());
    assert!(
        !accepted.iter().any(|(offset, _)| head.contains(offset) || tail.contains(offset)),
        "{accepted:?}"
    );
}
