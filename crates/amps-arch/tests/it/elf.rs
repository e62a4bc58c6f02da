//! ELF files that no fixture shows: every layout of the tables that tell Android, and heads that are refused.

use crate::{
    deployment_server, detect, detect_in_pieces,
    elf_builder::{ANDROID, ElfFile, NOTE, Numbering, Order, PROGBITS},
    package_server,
};

#[test]
fn android_is_found_whatever_the_layout() {
    for is_64_bit in [false, true] {
        for is_big_endian in [false, true] {
            for order in [Order::NamesFirst, Order::HeadersFirst] {
                for numbering in [Numbering::InHead, Numbering::Extended] {
                    for gap in [0, 1, 5000] {
                        let mut elf =
                            ElfFile::with(&[(".text", PROGBITS), (ANDROID, NOTE), (".data", PROGBITS)]);
                        (elf.is_64_bit, elf.is_big_endian) = (is_64_bit, is_big_endian);
                        (elf.order, elf.numbering, elf.gap) = (order, numbering, vec![b'.'; gap]);
                        elf.machine = if is_64_bit { 183 } else { 40 };
                        let bits = if is_64_bit { "64" } else { "32" };
                        let suffix = if is_big_endian { "_be" } else { "" };
                        let file = elf.build();
                        assert_eq!(package_server(&file), format!("android_arm_{bits}{suffix}"), "{elf:?}");
                        for sizes in [[1, 1], [13, 1], [64, 40], [1000, 3]] {
                            assert_eq!(detect_in_pieces(&file, &sizes), detect(&file), "{elf:?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn only_the_beginning_of_a_note_sections_name_counts() {
    let check = |sections: &[(&'static str, u32)], expected: &str| {
        for order in [Order::NamesFirst, Order::HeadersFirst] {
            let elf = ElfFile { order, ..ElfFile::with(sections) };
            assert_eq!(package_server(&elf.build()), expected, "{elf:?}");
        }
    };
    check(&[], "linux_x86_64");
    check(&[(".note.android", NOTE)], "android_x86_64");
    check(&[(".note.androidx", NOTE)], "android_x86_64");
    check(&[(".note.gnu.build-id", NOTE), (ANDROID, NOTE)], "android_x86_64");
    check(&[(ANDROID, PROGBITS)], "linux_x86_64");
    check(&[(ANDROID, PROGBITS), (".note.gnu.build-id", NOTE)], "linux_x86_64");
    check(&[(".rela.note.android.ident", NOTE)], "linux_x86_64");
    check(&[(".note.androi", NOTE), (".d", PROGBITS)], "linux_x86_64");
    check(&[(".note.Android.ident", NOTE)], "linux_x86_64");
}

#[test]
fn a_name_may_share_the_end_of_another() {
    let elf = ElfFile::with(&[]);
    let names = b"\0.rela.note.android.ident\0";
    let build = |name: usize| {
        let mut file = elf.head(64 + names.len(), 3, 2);
        file.extend_from_slice(names);
        file.extend(elf.section(0, 0, 0, 0, 0));
        file.extend(elf.section(name, NOTE, 0, 0, 0));
        file.extend(elf.section(0, 3, 64, names.len(), 0));
        file
    };
    assert_eq!(package_server(&build(6)), "android_x86_64");
    assert_eq!(package_server(&build(1)), "linux_x86_64");
    assert_eq!(package_server(&build(5)), "linux_x86_64");
    assert_eq!(package_server(&build(7)), "linux_x86_64");
}

#[test]
fn the_text_elsewhere_in_the_file_does_not_count() {
    let gap = ANDROID.as_bytes().repeat(5000);
    for order in [Order::NamesFirst, Order::HeadersFirst] {
        let linux = ElfFile { order, gap: gap.clone(), ..ElfFile::with(&[(".note.gnu.build-id", NOTE)]) };
        assert_eq!(package_server(&linux.build()), "linux_x86_64");
    }
    // More of it than is remembered, but before the names.
    let android =
        ElfFile { order: Order::HeadersFirst, gap: gap.clone(), ..ElfFile::with(&[(ANDROID, NOTE)]) };
    assert_eq!(package_server(&android.build()), "android_x86_64");
}

#[test]
fn megabytes_may_lie_between_names_and_headers() {
    let gap: Vec<u8> = b"a_symbol\0".repeat(400_000);
    for order in [Order::NamesFirst, Order::HeadersFirst] {
        let elf = ElfFile { order, gap: gap.clone(), ..ElfFile::with(&[(ANDROID, NOTE)]) };
        let file = elf.build();
        assert_eq!(package_server(&file), "android_x86_64");
        assert_eq!(detect_in_pieces(&file, &[16_384]), detect(&file));
    }
}

#[test]
fn any_number_of_sections_is_looked_at() {
    for count in [97, 98, 99, 100, 1000, 65_000] {
        let mut sections = vec![(".text", PROGBITS); count];
        sections.push((ANDROID, NOTE));
        assert_eq!(package_server(&ElfFile::with(&sections).build()), "android_x86_64", "{count}");
    }
    let mut sections = vec![(".text.f", PROGBITS); 70_000];
    sections.push((ANDROID, NOTE));
    let elf = ElfFile { numbering: Numbering::Extended, ..ElfFile::with(&sections) };
    assert_eq!(package_server(&elf.build()), "android_x86_64");
}

#[test]
fn the_first_2048_note_sections_are_looked_at() {
    let mut sections = vec![(".note.x", NOTE); 2047];
    sections.push((ANDROID, NOTE));
    assert_eq!(package_server(&ElfFile::with(&sections).build()), "android_x86_64");
    sections.insert(0, (".note.x", NOTE));
    assert_eq!(package_server(&ElfFile::with(&sections).build()), "linux_x86_64");
}

#[test]
fn tables_that_do_not_fit_are_survived() {
    let elf = ElfFile::with(&[(ANDROID, NOTE)]);
    let elf_32 = ElfFile { is_64_bit: false, ..elf.clone() };
    let whole = elf.build();
    let headers_at = whole.len() - 3 * 64;
    let check = |head: Vec<u8>| {
        let mut file = head;
        file.extend_from_slice(&whole[64..]);
        assert_eq!(deployment_server(&file).as_deref(), Some("x86_64-little_endian-64-elf"));
        assert_eq!(detect_in_pieces(&file, &[1]), detect(&file));
        package_server(&file)
    };
    assert_eq!(check(elf.head(headers_at, 3, 2)), "android_x86_64");
    // More headers than the file has room for.
    assert_eq!(check(elf.head(headers_at, 0xfffe, 2)), "android_x86_64");
    // Names in a section that there is not, in one that is none, and nowhere.
    assert_eq!(check(elf.head(headers_at, 3, 3)), "linux_x86_64");
    assert_eq!(check(elf.head(headers_at, 3, 0xff00)), "linux_x86_64");
    assert_eq!(check(elf.head(headers_at, 3, 0)), "linux_x86_64");
    // Extended numbering that the first header does not carry.
    assert_eq!(check(elf.head(headers_at, 0, 0xffff)), "linux_x86_64");
    // Headers within the head, behind the end, and where no number goes on.
    for at in [0, 1, 32, 63, whole.len(), whole.len() - 63, usize::MAX, usize::MAX - 63, usize::MAX - 64] {
        assert_eq!(check(elf.head(at, 3, 2)), "linux_x86_64", "headers at {at}");
        assert_eq!(check(elf.head(at, 0, 0xffff)), "linux_x86_64", "headers at {at}");
    }
    assert_eq!(package_server(&elf_32.head(0xffff_ffff, 3, 2)), "linux_x86_32");
}

#[test]
fn a_huge_section_count_is_survived() {
    let elf = ElfFile::with(&[]);
    let mut file = elf.head(64, 0, 0xffff);
    file.extend(elf.section(0, 0, 0, usize::MAX, u32::MAX as usize));
    for _ in 0..10_000 {
        file.extend(elf.section(u32::MAX as usize, NOTE, usize::MAX, usize::MAX, 0));
    }
    assert_eq!(package_server(&file), "linux_x86_64");
    assert_eq!(detect_in_pieces(&file, &[63]), detect(&file));
}

#[test]
fn names_that_run_out_of_the_address_space_are_survived() {
    let elf = ElfFile::with(&[]);
    let mut file = elf.head(64, 3, 2);
    file.extend(elf.section(0, 0, 0, 0, 0));
    file.extend(elf.section(u32::MAX as usize, NOTE, 0, 0, 0));
    file.extend(elf.section(0, 3, usize::MAX, usize::MAX, 0));
    assert_eq!(package_server(&file), "linux_x86_64");
}

#[test]
fn the_first_header_is_no_section_of_names() {
    let elf = ElfFile::with(&[]);
    let text_at = 64 + 2 * 64;
    let build = |count: usize, names_index: usize, link: usize| {
        let mut file = elf.head(64, count, names_index);
        file.extend(elf.section(0, 0, 0, 2, link));
        // The name of the note counts from the beginning of the file, where the first header says that names are.
        file.extend(elf.section(text_at, NOTE, 0, 0, 0));
        file.extend_from_slice(ANDROID.as_bytes());
        file
    };
    assert_eq!(package_server(&build(0, 0xffff, 1)), "android_x86_64", "the second header is one");
    assert_eq!(package_server(&build(0, 0xffff, 0)), "linux_x86_64");
    let without_names = build(2, 0, 0);
    assert_eq!(package_server(&without_names), "linux_x86_64");
    let mut detector = amps_arch::Detector::new();
    detector.update(&without_names[..68]);
    assert!(detector.is_settled(), "there is nothing to search for");
}

#[test]
fn headers_of_another_size_are_not_read() {
    let mut file = ElfFile::with(&[(ANDROID, NOTE)]).build();
    assert_eq!(package_server(&file), "android_x86_64");
    file[0x3a] = 63;
    assert_eq!(package_server(&file), "linux_x86_64");
}

#[test]
fn the_head_decides_what_counts() {
    let whole = ElfFile::with(&[]).build();
    let check = |at: usize, values: &[u8], expected: &str| {
        for &value in values {
            let mut file = whole.clone();
            file[at] = value;
            assert_eq!(package_server(&file), expected, "byte {at} is {value}");
        }
    };
    check(3, b"EGfG ", "all");
    check(4, &[1], "linux_x86_32");
    check(4, &[0, 3, 255], "all");
    check(5, &[0, 3, 255], "all");
    check(6, &[0, 2, 255], "all");
    check(7, &[0, 3], "linux_x86_64");
    // NetBSD, Solaris, FreeBSD, OpenBSD, bare metal.
    check(7, &[1, 2, 6, 9, 12, 97, 255], "all");
    // An AppImage has its own mark in the padding.
    check(8, b"A\x01\x02", "linux_x86_64");
    // Relocatable, executable, shared (or static-pie), core dump, and kinds that there are not.
    check(16, &[1, 2, 3, 4, 0, 99], "linux_x86_64");
}

#[test]
fn cpus_have_the_names_of_qsysinfo() {
    let check = |machine: u16, name_32: &str, name_64: &str| {
        for (is_64_bit, name, bits) in [(false, name_32, 32), (true, name_64, 64)] {
            for (is_big_endian, byte_order) in [(false, "little"), (true, "big")] {
                let file = ElfFile { is_64_bit, is_big_endian, machine, ..ElfFile::with(&[]) }.build();
                let expected = format!("{name}-{byte_order}_endian-{bits}-elf");
                assert_eq!(deployment_server(&file), Some(expected), "machine {machine}");
            }
        }
    };
    check(2, "sparc", "sparc");
    check(3, "i386", "i386");
    check(8, "mips", "mips64");
    check(10, "mips", "mips64");
    check(18, "sparc", "sparc");
    check(20, "power", "power");
    check(21, "power64", "power64");
    check(22, "s390", "s390x");
    check(40, "arm", "arm");
    check(43, "sparcv9", "sparcv9");
    check(50, "ia64", "ia64");
    check(62, "x86_64", "x86_64");
    check(183, "arm64", "arm64");
    check(243, "riscv32", "riscv64");
    check(258, "loongarch32", "loongarch64");
    check(0, "unknown", "unknown");
    check(247, "unknown", "unknown");
    check(0xffff, "unknown", "unknown");
}

#[test]
fn an_archive_of_objects_is_no_binary() {
    let mut archive = b"!<arch>\nobject.o/       0           0     0     644     64        `\n".to_vec();
    archive.extend(ElfFile::with(&[]).build());
    assert_eq!(detect(&archive), None);
}
