//! PE headers anywhere in the file, and DOS programs without one.

use amps_arch::{Bits, Cpu, Detector};

use crate::{deployment_server, detect, detect_in_pieces, package_server};

/// A DOS head that says that the PE header is here.
fn dos_head(header_at: u32) -> Vec<u8> {
    let mut head = vec![0; 64];
    head[..2].copy_from_slice(b"MZ");
    head[0x3c..].copy_from_slice(&header_at.to_le_bytes());
    head
}

fn pe_header(machine: u16, optional_magic: u16) -> Vec<u8> {
    let mut header = b"PE\0\0".to_vec();
    header.extend(machine.to_le_bytes());
    header.resize(24, 0);
    header.extend(optional_magic.to_le_bytes());
    header
}

fn pe(machine: u16, optional_magic: u16) -> Vec<u8> {
    [dos_head(64), pe_header(machine, optional_magic)].concat()
}

#[test]
fn the_machine_tells_cpu_and_word_size() {
    let check = |machine: u16, package: &str, deployment: &str| {
        // The kind of optional header does not matter.
        for magic in [0x10b, 0x20b, 0] {
            assert_eq!(package_server(&pe(machine, magic)), package, "machine {machine:#x}");
            assert_eq!(deployment_server(&pe(machine, magic)).as_deref(), Some(deployment));
        }
    };
    check(0x14c, "windows_x86_32", "i386-little_endian-32-pe32");
    check(0x8664, "windows_x86_64", "x86_64-little_endian-64-pe32");
    check(0xaa64, "windows_arm_64", "arm64-little_endian-64-pe32");
    check(0x1c0, "windows_unknown", "arm-little_endian-32-pe32");
    check(0x1c4, "windows_unknown", "arm-little_endian-32-pe32");
    check(0x200, "windows_unknown", "ia64-little_endian-64-pe32");
    check(0x166, "windows_unknown", "mips-little_endian-32-pe32");
    check(0x1f0, "windows_unknown", "power-little_endian-32-pe32");
    check(0x5032, "windows_unknown", "riscv32-little_endian-32-pe32");
    check(0x5064, "windows_unknown", "riscv64-little_endian-64-pe32");
}

#[test]
fn a_machine_without_a_name_has_the_word_size_of_its_optional_header() {
    for (magic, bits) in [(0x10b, Bits::B32), (0x20b, Bits::B64), (0, Bits::B32)] {
        let binary = detect(&pe(0xebc, magic)).unwrap();
        assert_eq!(binary.package_server_token().as_str(), "windows_unknown");
        assert_eq!((binary.processors()[0].cpu, binary.processors()[0].bits), (Cpu::Unknown(0xebc), bits));
    }
    let cut = pe(0xebc, 0x20b);
    assert_eq!(package_server(&cut[..cut.len() - 1]), "windows_unknown");
}

#[test]
fn the_header_may_stand_anywhere() {
    for at in [2, 3, 4, 32, 0x3c, 0x40, 0x41, 0x43, 0x44, 0x45, 0x80, 1000, 100_000] {
        let mut file = dos_head(at);
        let header = pe_header(0x8664, 0x20b);
        let at = at as usize;
        file.resize(file.len().max(at + header.len()), 0);
        let head = file.clone();
        file[at..at + header.len()].copy_from_slice(&header);
        // Where the header lies over the place that names it, it says that it stands elsewhere.
        let is_intact = file[..2] == head[..2] && file[0x3c..0x40] == head[0x3c..0x40];
        let expected = if is_intact { "windows_x86_64" } else { "all" };
        assert_eq!(package_server(&file), expected, "header at {at}");
        for size in [1, 63, 64, 65, 4096] {
            assert_eq!(
                detect_in_pieces(&file, &[size]),
                detect(&file),
                "header at {at}, in pieces of {size}"
            );
        }
    }
}

#[test]
fn a_header_in_the_dos_head_is_found() {
    // At 4, the smallest place that leaves room for `MZ` and for a header in front of 0x3c.
    let mut file = dos_head(4);
    file[4..30].copy_from_slice(&pe_header(0xaa64, 0x20b));
    assert_eq!(package_server(&file), "windows_arm_64");
    for length in 0x3d..0x40 {
        assert_eq!(detect(&file[..length]), None, "the place of the header is cut off at {length}");
    }
}

#[test]
fn the_head_itself_is_no_header() {
    for at in [0, 0x3c] {
        let mut file = dos_head(at);
        file.extend(pe_header(0x8664, 0x20b));
        assert_eq!(detect(&file), None, "header at {at}");
    }
}

#[test]
fn the_header_may_stand_four_gib_into_the_file() {
    const PIECE_BYTES: usize = 1 << 20;
    let zeros = vec![0; PIECE_BYTES];
    let mut detector = Detector::new();
    detector.update(&dos_head(u32::MAX));
    detector.update(&zeros[64..]);
    for _ in 1..4095 {
        detector.update(&zeros);
    }
    detector.update(&zeros[1..]);
    assert!(!detector.is_settled());
    detector.update(&pe_header(0x8664, 0x20b));
    assert!(detector.is_settled());
    assert_eq!(detector.finish().unwrap().package_server_token().as_str(), "windows_x86_64");
}

#[test]
fn a_dos_program_is_no_binary() {
    let whole = pe(0x8664, 0x20b);
    for length in 0..64 {
        assert_eq!(detect(&whole[..length]), None, "cut to {length} bytes");
    }
    // The header lies at the end, behind it, or is another one (OS/2, nothing).
    for at in [64, 65, 1000, u32::MAX] {
        assert_eq!(detect(&dos_head(at)), None);
    }
    for signature in [b"NE\0\0", b"LE\0\0", b"PE\0\x01", b"PE\x01\0", b"pe\0\0", b"\0\0\0\0"] {
        let mut file = whole.clone();
        file[64..68].copy_from_slice(signature);
        assert_eq!(detect(&file), None, "{signature:?}");
    }
    let mut file = whole;
    file[..2].copy_from_slice(b"ZM");
    assert_eq!(detect(&file), None);
}
