//! Mach-O heads and slice tables that no fixture shows.

use crate::{deployment_server, detect, package_server};

const X86: u32 = 7;
const X86_64: u32 = 0x0100_0007;
const ARM: u32 = 12;
const ARM_64: u32 = 0x0100_000c;
const ARM_64_32: u32 = 0x0200_000c;
const POWER: u32 = 18;
const POWER_64: u32 = 0x0100_0012;

fn thin(cpu: u32) -> Vec<u8> {
    let mut file = vec![0xcf, 0xfa, 0xed, 0xfe];
    file.extend(cpu.to_le_bytes());
    file.resize(32, 0);
    file
}

fn universal(count: u32, cpus: &[u32]) -> Vec<u8> {
    let mut file = vec![0xca, 0xfe, 0xba, 0xbe];
    file.extend(count.to_be_bytes());
    for cpu in cpus {
        file.extend(cpu.to_be_bytes());
        file.extend([0; 16]);
    }
    file
}

#[test]
fn the_cpu_of_a_64_bit_file() {
    let check = |cpu: u32, package: &str, deployment: &str| {
        assert_eq!(package_server(&thin(cpu)), package, "cpu {cpu:#x}");
        assert_eq!(deployment_server(&thin(cpu)).as_deref(), Some(deployment), "cpu {cpu:#x}");
    };
    check(X86_64, "macos_x86_64", "x86_64-little_endian-64-mach_o");
    check(ARM_64, "macos_arm_64", "arm64-little_endian-64-mach_o");
    check(POWER_64, "macos_unknown", "power64-big_endian-64-mach_o");
    check(0, "macos_unknown", "unknown-little_endian-64-mach_o");
    // A 64-bit file for a 32-bit CPU.
    check(X86, "macos_unknown", "unknown-little_endian-64-mach_o");
    check(ARM_64_32, "macos_unknown", "unknown-little_endian-64-mach_o");
}

#[test]
fn one_to_three_slices_are_universal() {
    let check = |cpus: &[u32], expected: &str| {
        let file = universal(u32::try_from(cpus.len()).unwrap(), cpus);
        assert_eq!(package_server(&file), expected);
        assert_eq!(package_server(&file) == "all", deployment_server(&file).is_some());
        assert_eq!(detect(&file[..file.len() - 20]), None, "cut before the last slice: {expected}");
    };
    check(&[ARM_64], "macos_universal_arm_64");
    check(&[X86_64, ARM_64], "macos_universal_arm_64+x86_64");
    check(&[X86_64, X86, ARM], "macos_universal_arm_32+x86_32+x86_64");
    // Two kinds of the same CPU (`arm64` and `arm64e`) stay two slices.
    check(&[ARM_64, ARM_64], "macos_universal_arm_64+arm_64");
    check(&[POWER, ARM_64_32, POWER_64], "macos_universal_arm_32+unknown+unknown");
    check(&[ARM_64; 4], "all");
}

#[test]
fn a_java_class_has_its_version_where_the_slices_are_counted() {
    for count in [0, 4, 45, 65, 0x0003_002d, u32::MAX] {
        assert_eq!(detect(&universal(count, &[ARM_64; 3])), None, "{count}");
    }
}

#[test]
fn other_kinds_of_mach_o_are_no_binaries() {
    for magic in [
        [0xce, 0xfa, 0xed, 0xfe],
        [0xfe, 0xed, 0xfa, 0xce],
        [0xfe, 0xed, 0xfa, 0xcf],
        [0xbe, 0xba, 0xfe, 0xca],
        [0xca, 0xfe, 0xba, 0xbf],
    ] {
        let mut file = thin(X86_64);
        file[..4].copy_from_slice(&magic);
        assert_eq!(detect(&file), None, "{magic:x?}");
    }
}
