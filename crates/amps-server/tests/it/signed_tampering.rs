//! A signed package that is changed on its way to the device is refused, whatever is changed.

use std::{collections::BTreeSet, ops::Range};

use amps_core::TrustAnchors;
use amps_testkit::{Gzip, PackageBuilder};
use flate2::{Decompress, FlushDecompress, Status};

use crate::{
    signed_scene::{
        anchors, download, is_for, is_from, key, read, signed_by_developer, signing_for_developers, unpacked,
    },
    verdicts::fixture,
};

const DEVICE: &str = "car-7";
const HEADER_BYTES: usize = 10;
const TRAILER_BYTES: usize = 8;

/// A device that knows who may sign.
struct Device {
    developers: TrustAnchors,
    store: TrustAnchors,
}

impl Device {
    fn new() -> Self {
        Self { developers: anchors(&["chain.crt"]), store: anchors(&["ca.crt"]) }
    }

    /// Takes a package only if it is intact and both have signed it.
    fn takes(&self, package: &[u8]) -> Result<(), String> {
        let package = read(package)?;
        is_from(&package, &self.developers)?;
        is_for(&package, &self.store, Some(DEVICE))
    }
}

/// What the device downloads of a package that was uploaded.
fn downloaded(package: &[u8]) -> Vec<u8> {
    let server = signing_for_developers();
    server.add(package);
    download(&server, "org.example.hello", Some(DEVICE))
}

fn small() -> Vec<u8> {
    let package = PackageBuilder::hello().file("f", "some text\n".repeat(9));
    downloaded(&signed_by_developer(&package.build(), &*key("dev1.p12", "password")))
}

/// The deflate streams of a file whose members have the shortest header, and what each unpacks to.
fn streams(file: &[u8]) -> Vec<(Range<usize>, Vec<u8>)> {
    let mut streams = Vec::new();
    let mut begin = 0;
    while begin < file.len() {
        assert_eq!(file[begin..begin + 4], [0x1f, 0x8b, 8, 0], "a header without fields at {begin}");
        let from = begin + HEADER_BYTES;
        let (packed, data) = inflate(&file[from..]).unwrap();
        streams.push((from..from + packed, data));
        begin = from + packed + TRAILER_BYTES;
    }
    assert_eq!(begin, file.len());
    streams
}

/// How long a deflate stream is, and what it unpacks to.
fn inflate(stream: &[u8]) -> Option<(usize, Vec<u8>)> {
    let mut inflate = Decompress::new(false);
    let mut data = Vec::with_capacity(1 << 17);
    match inflate.decompress_vec(stream, &mut data, FlushDecompress::Finish) {
        Ok(Status::StreamEnd) => Some((usize::try_from(inflate.total_in()).unwrap(), data)),
        _ => None,
    }
}

/// Whether a change carries nothing in a gzip header (RFC 1952, section 2.3.1): MTIME, XFL and OS have any value, and one bit
/// of FLG (FTEXT) says that the data may be text.
fn is_without_meaning(at: usize, from: u8, to: u8) -> bool {
    (4..HEADER_BYTES).contains(&at) || (at == 3 && from ^ to == 1)
}

/// Changes every byte of a package in at least three ways, where bits may have no meaning in all.
fn check_every_byte(package: &[u8]) {
    let device = Device::new();
    device.takes(package).unwrap();
    let streams = streams(package);
    assert!(streams.len() >= 2, "the beginning of the upload, and an end of its own");
    let archive = unpacked(package);
    let (mut in_headers, mut in_data) = (BTreeSet::new(), BTreeSet::new());
    for (at, &old) in package.iter().enumerate() {
        let (range, data) = streams.iter().find(|(range, _)| at < range.end + TRAILER_BYTES).unwrap();
        let (is_header, is_last) = (at < range.start, at + 1 == range.end);
        let bits = if is_header || is_last { 0..8 } else { 0..0 };
        let values = bits.map(|bit| old ^ (1 << bit)).chain([old ^ 1, old ^ 0xff, old.wrapping_add(1)]);
        for new in values.collect::<BTreeSet<_>>() {
            let mut changed = package.to_vec();
            changed[at] = new;
            let taken = device.takes(&changed);
            let carries_nothing = if is_header {
                is_without_meaning(at + HEADER_BYTES - range.start, old, new)
            } else {
                // Deflate can say the same in other words: then nothing that is verified has changed.
                range.contains(&at) && inflate(&changed[range.clone()]) == Some((range.len(), data.clone()))
            };
            assert_eq!(taken.is_ok(), carries_nothing, "byte {at} from {old} to {new}: {taken:?}");
            if carries_nothing {
                assert!(unpacked(&changed) == archive, "byte {at} from {old} to {new}");
                if is_header { &mut in_headers } else { &mut in_data }.insert(at);
            }
        }
    }
    // In the headers: FLG for one bit, MTIME, XFL and OS.
    let expected = streams.iter().flat_map(|(range, _)| range.start - 7..range.start);
    assert_eq!(in_headers, expected.collect());
    // In the data: the unused bits behind the last code of a stream, and references to the same bytes elsewhere in the runs of
    // zeros of which an archive is full. Those are few.
    let last: BTreeSet<usize> = streams.iter().map(|(range, _)| range.end - 1).collect();
    let others = in_data.difference(&last).count();
    assert!(others < package.len() / 50, "{others} of {}", package.len());
}

#[test]
fn every_changed_byte_is_refused_unless_it_carries_nothing() {
    check_every_byte(&small());
}

#[test]
fn every_changed_byte_of_a_package_of_the_reference_is_refused_unless_it_carries_nothing() {
    check_every_byte(&downloaded(&fixture("qt6/hello-dev1.ampkg")));
}

#[test]
fn every_truncation_is_refused() {
    let (device, package) = (Device::new(), small());
    for length in 0..package.len() {
        assert!(device.takes(&package[..length]).is_err(), "{length} of {}", package.len());
    }
}

#[test]
fn members_are_neither_doubled_nor_left_out_nor_swapped() {
    let (device, package) = (Device::new(), small());
    let streams = streams(&package);
    let members: Vec<&[u8]> = streams
        .iter()
        .map(|(range, _)| &package[range.start - HEADER_BYTES..range.end + TRAILER_BYTES])
        .collect();
    // The payload, what the developer's signature stands in, what the store's stands in.
    let [a, b, c] = members.as_slice() else { panic!("{} members", members.len()) };
    device.takes(&[*a, *b, *c].concat()).unwrap();
    let orders: [&[&[u8]]; 14] = [
        &[a],
        &[a, b],
        &[a, c],
        &[b, c],
        &[a, c, b],
        &[b, a, c],
        &[c, a, b],
        &[c, b, a],
        &[a, a, b, c],
        &[a, b, b, c],
        &[a, b, c, c],
        &[a, b, c, a],
        &[a, b, c, b, c],
        &[a, b, c, a, b, c],
    ];
    for (index, order) in orders.into_iter().enumerate() {
        assert!(device.takes(&order.concat()).is_err(), "order {index}");
    }
}

#[test]
fn nothing_but_zeros_can_be_appended() {
    let (device, package) = (Device::new(), small());
    let archive = unpacked(&package);
    for byte in 1..=u8::MAX {
        assert!(device.takes(&[&package[..], &[byte]].concat()).is_err(), "{byte}");
        assert!(device.takes(&[&package[..], &[0, 0, 0, byte]].concat()).is_err(), "zeros and {byte}");
    }
    for zeros in [1, 511, 512, 10_240] {
        // What tapes and the reference leave behind a file: nobody can hide anything in it.
        let padded = [&package[..], &vec![0; zeros]].concat();
        device.takes(&padded).unwrap();
        assert!(unpacked(&padded) == archive);
    }
    for data in [&b"x"[..], &[1; 512], b"--PACKAGE-FOOTER--"] {
        assert!(device.takes(&[package.clone(), Gzip::new().pack(data)].concat()).is_err(), "{data:?}");
    }
    assert!(device.takes(&[package.clone(), b"\x1f\x8b".to_vec()].concat()).is_err());
    // The same zeros in a member: they lengthen the mark at the end of the archive, which has no length of its own.
    for zeros in [0, 512] {
        let longer = [package.clone(), Gzip::new().pack(&vec![0; zeros])].concat();
        device.takes(&longer).unwrap();
        assert!(unpacked(&longer) == [archive.clone(), vec![0; zeros]].concat(), "{zeros}");
    }
}

#[test]
fn parts_of_two_signed_packages_do_not_fit_together() {
    let device = Device::new();
    let developer = key("dev1.p12", "password");
    let server = signing_for_developers();
    let signed = |version: &str, name: Option<&str>| {
        let package = PackageBuilder::hello().version(version).build();
        server.add(&signed_by_developer(&package, &*developer));
        download(&server, "org.example.hello", name)
    };
    let (one, two) = (signed("1", Some(DEVICE)), signed("2", Some(DEVICE)));
    let end_of = |package: &[u8]| {
        let streams = streams(package);
        let (range, _) = streams.last().unwrap();
        range.start - HEADER_BYTES
    };
    assert!(device.takes(&one).is_ok() && device.takes(&two).is_ok());
    assert!(device.takes(&[&one[..end_of(&one)], &two[end_of(&two)..]].concat()).is_err());
    assert!(device.takes(&[&two[..end_of(&two)], &one[end_of(&one)..]].concat()).is_err());
    for other in [Some("car-8"), None] {
        assert!(device.takes(&signed("3", other)).is_err(), "{other:?}");
    }
}
