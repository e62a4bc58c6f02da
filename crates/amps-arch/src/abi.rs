//! What a client of the deployment server says of itself, brought into that server's words.

use crate::{DeploymentServerToken, Error, deployment_server::is_allowed, error::Text, token::check};

/// The longest ABI that is looked at, in bytes: 128. Real ones have about 30.
pub const MAX_ABI_BYTES: usize = 128;

/// Turns what a client sends, `QSysInfo::buildAbi()` + `-` + `QSysInfo::kernelType()`, into the token of the
/// binaries that it runs: `x86_64-little_endian-lp64-linux` is `x86_64-little_endian-64-elf`.
///
/// Of the parts between the `-` the first two stay, the third keeps its digits, and the last, the kernel, becomes
/// a binary format: `darwin` is `mach_o`, `linux` and `freebsd` are `elf`, whatever has `win` in it is `pe32`, and
/// any other stays as it is. Parts between the third and the last (`eabi-hardfloat`) are dropped. A token is
/// turned into itself.
///
/// Refused are more than [`MAX_ABI_BYTES`] bytes, a character other than a letter, a digit, `_` and `-`, fewer
/// than four parts, an empty part, a third part without a digit, and what is no token after all that.
pub fn normalise_abi(abi: &str) -> Result<DeploymentServerToken, Error> {
    check(Text::Abi, abi, MAX_ABI_BYTES, is_allowed)?;
    let parts: Vec<&str> = abi.split('-').collect();
    let [cpu, byte_order, word, .., kernel] = parts.as_slice() else {
        return Err(Error::Parts { text: Text::Abi, found: abi.to_owned() });
    };
    if parts.contains(&"") {
        return Err(Error::Parts { text: Text::Abi, found: abi.to_owned() });
    }
    let bits: String = word.chars().filter(char::is_ascii_digit).collect();
    if bits.is_empty() {
        return Err(Error::WordSize { text: Text::Abi, found: abi.to_owned(), part: (*word).to_owned() });
    }
    let format = match *kernel {
        // Before the rule for Windows: `darwin` has `win` in it.
        "darwin" => "mach_o",
        "linux" | "freebsd" => "elf",
        windows if windows.contains("win") => "pe32",
        other => other,
    };
    format!("{cpu}-{byte_order}-{bits}-{format}").parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalises_what_clients_send() {
        let check = |abi: &str, expected: &str| {
            let token = normalise_abi(abi).unwrap();
            assert_eq!(token.as_str(), expected, "{abi}");
            assert_eq!(normalise_abi(expected), Ok(token), "{expected} is a fixed point");
        };
        check("x86_64-little_endian-lp64-linux", "x86_64-little_endian-64-elf");
        check("i386-little_endian-ilp32-linux", "i386-little_endian-32-elf");
        check("arm-little_endian-ilp32-eabi-hardfloat-linux", "arm-little_endian-32-elf");
        check("arm-little_endian-ilp32-eabi-linux", "arm-little_endian-32-elf");
        check("arm64-little_endian-lp64-darwin", "arm64-little_endian-64-mach_o");
        check("x86_64-little_endian-lp64-freebsd", "x86_64-little_endian-64-elf");
        check("x86_64-little_endian-llp64-winnt", "x86_64-little_endian-64-pe32");
        check("x86_64-little_endian-llp64-cygwin", "x86_64-little_endian-64-pe32");
        check("mips-big_endian-ilp32-linux", "mips-big_endian-32-elf");
        check("x86_64-little_endian-lp64-qnx", "x86_64-little_endian-64-qnx");
        check("a-b-1x2-Linux", "a-b-12-Linux");
    }

    #[test]
    fn refuses_malformed_ones() {
        let check = |abi: &str, expected: &str| {
            assert_eq!(normalise_abi(abi).unwrap_err().to_string(), expected);
        };
        check("", "abi is empty");
        for abi in
            ["linux", "x86_64-little_endian-linux", "---", "-little_endian-lp64-linux", "a--lp64-linux"]
        {
            check(abi, &format!("abi `{abi}` has not the parts of `<cpu>-<endian>-<abi>-<kernel>`"));
        }
        check("a-b-lp64-", "abi `a-b-lp64-` has not the parts of `<cpu>-<endian>-<abi>-<kernel>`");
        check(
            "a-b-lp64--linux",
            "abi `a-b-lp64--linux` has not the parts of `<cpu>-<endian>-<abi>-<kernel>`",
        );
        check("a-b-lp-linux", "abi `a-b-lp-linux` has `lp` as its third part, expected digits in it");
    }

    #[test]
    fn length_limits_are_inclusive() {
        let abi = |filler: usize| format!("a-b-lp64-{}-linux", "x".repeat(filler));
        let longest = MAX_ABI_BYTES - "a-b-lp64--linux".len();
        assert_eq!(normalise_abi(&abi(longest)).unwrap().as_str(), "a-b-64-elf");
        assert_eq!(
            normalise_abi(&abi(longest + 1)).unwrap_err().to_string(),
            "abi has 129 bytes, expected at most 128"
        );
        // Short enough as an ABI, too long as a token.
        assert!(matches!(
            normalise_abi(&format!("{}-b-64-linux", "x".repeat(56))),
            Err(Error::TooLong { text: Text::DeploymentServerToken, found_bytes: 65, .. })
        ));
        assert!(normalise_abi(&format!("{}-b-64-linux", "x".repeat(55))).is_ok());
        assert!(matches!(normalise_abi(&"-".repeat(1 << 20)), Err(Error::TooLong { text: Text::Abi, .. })));
    }

    #[test]
    fn refuses_hostile_characters() {
        for hostile in ["\0", "/", "..", " ", "'", "\"", "%", "\n", "é", "\u{202e}", "٣", "`"] {
            let abi = format!("x86_64-little_endian-lp64{hostile}-linux");
            assert!(matches!(normalise_abi(&abi), Err(Error::Character { .. })), "{abi:?} was accepted");
        }
    }
}
