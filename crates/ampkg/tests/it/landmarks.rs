//! Where the places for signatures lie in the gzip file.

use ampkg::{GzipLandmark, Limits, read};
use amps_testkit::{Gzip, PackageBuilder};
use crc32fast::hash;

/// Bytes that gzip cannot make smaller.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_le_bytes()[3]
    };
    (0..bytes).map(|_| next()).collect()
}

fn number<const N: usize>(file: &[u8], offset: u64) -> [u8; N] {
    *file[usize::try_from(offset).unwrap()..].first_chunk().unwrap()
}

/// Compares everything that can be known without inflating bit by bit.
#[track_caller]
fn check(file: &[u8], tar: &[u8], landmark: &GzipLandmark) {
    assert_eq!(number(file, landmark.member_offset), [0x1f, 0x8b, 8]);
    // The shortest header, as the builder makes it.
    assert_eq!(landmark.stream_offset, landmark.member_offset + 10);
    let [start, end, offset] =
        [landmark.member_start, landmark.member_start + landmark.member_bytes, landmark.offset_bytes]
            .map(|offset| usize::try_from(offset).unwrap());
    assert!((start..=end).contains(&offset));
    let length = u32::try_from(end - start).unwrap();
    let trailer = [hash(&tar[start..end]).to_le_bytes(), length.to_le_bytes()].concat();
    assert_eq!(number::<8>(file, landmark.trailer_offset).as_slice(), trailer);
    let near = offset - landmark.near.len();
    assert!(landmark.near == tar[near..offset] && near >= start);
    assert_eq!(landmark.crc_before_near, hash(&tar[start..near]));
    assert_eq!(landmark.crc_behind, hash(&tar[offset..end]));
    assert!((landmark.stream_offset..landmark.trailer_offset).contains(&landmark.block_offset));
    assert!(landmark.block_bytes <= (offset - start) as u64);
    assert_eq!(landmark.block_bytes == 0, landmark.block_offset == landmark.stream_offset);
}

#[test]
fn the_places_of_both_signatures_are_noted() {
    for data_bytes in [0, 1000, 100_000, 1_000_000] {
        let builder = PackageBuilder::hello().file("data", noise(data_bytes));
        for (level, members) in [(0, 1), (6, 1), (9, 1), (0, 5), (6, 5), (6, 300)] {
            let tar = builder.tar();
            let file = Gzip::new().level(level).members(members).padding(300).pack(&tar);
            let package = read(file.as_slice(), &Limits::default(), &mut ()).unwrap();
            let package = package.as_unverified();
            let place = package.store_signature_place();
            let landmark = package.gzip_landmark(&place).unwrap();
            assert_eq!(landmark.offset_bytes, place.offset_bytes);
            check(&file, &tar, landmark);
            // Where the footer begins is forgotten if its header ends a chunk.
            if let Some(landmark) = package.gzip_landmark(&package.developer_signature_place()) {
                check(&file, &tar, landmark);
            }
        }
    }
}

#[test]
fn a_block_near_the_place_is_noted() {
    let tar = PackageBuilder::hello().file("data", noise(3_000_000)).tar();
    // The builder's level 1 makes a single block of everything.
    for level in [0, 6, 9] {
        let file = Gzip::new().level(level).pack(&tar);
        let package = read(file.as_slice(), &Limits::default(), &mut ()).unwrap();
        let package = package.as_unverified();
        let landmark = package.gzip_landmark(&package.store_signature_place()).unwrap();
        let back = landmark.offset_bytes - landmark.block_bytes;
        assert!(back < 400_000, "{back} bytes before the place, at level {level}");
    }
}

#[test]
fn of_many_footers_the_last_ones_are_noted() {
    let mut builder = PackageBuilder::hello();
    for field in ["developerSignature", "storeSignature"] {
        builder = builder.footer_field(field, "AQID");
    }
    let (tar, file) = (builder.tar(), builder.build());
    let package = read(file.as_slice(), &Limits::default(), &mut ()).unwrap();
    let package = package.as_unverified();
    let place = package.store_signature_place();
    check(&file, &tar, package.gzip_landmark(&place).unwrap());
    let debug = format!("{:?}", package.gzip_landmark(&place).unwrap());
    assert_eq!(debug, format!("GzipLandmark {{ offset_bytes: {}, .. }}", place.offset_bytes));
}
