//! The deployment server's words for an architecture: `<cpu>-<endian>-<bits>-<format>`.

use std::str::FromStr;

use crate::{
    Binary, Error, Format, MAX_TOKEN_BYTES,
    error::Text,
    token::{check, token_traits},
};

/// The token of a package without a binary.
const ALL: &str = "All";

/// An architecture in the words of the deployment server: `x86_64-little_endian-64-elf`, `All`.
///
/// Text is accepted when it is `All`, or has up to [`MAX_TOKEN_BYTES`] bytes in four parts with `-` between them:
/// letters, digits and `_`, the third one only digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeploymentServerToken(String);

token_traits!(DeploymentServerToken);

impl DeploymentServerToken {
    /// The token of a package without a binary, which runs everywhere: `All`.
    pub fn all() -> Self {
        Self(ALL.to_owned())
    }

    /// Whether this is `All`.
    pub fn is_all(&self) -> bool {
        self.0 == ALL
    }

    pub(crate) fn of(binary: &Binary) -> Result<Self, Error> {
        let format = match binary.format() {
            Format::Elf => "elf",
            // Also what a 64-bit PE file is called here.
            Format::Pe => "pe32",
            Format::MachO => "mach_o",
            Format::UniversalMachO => {
                return Err(Error::UniversalBinary { found: binary.package_server_token() });
            }
        };
        match binary.processors() {
            [processor] => {
                let (cpu, bits, byte_order) = (processor.cpu, processor.bits, processor.byte_order);
                Ok(Self(format!("{cpu}-{byte_order}-{bits}-{format}")))
            }
            _ => Err(Error::UniversalBinary { found: binary.package_server_token() }),
        }
    }
}

/// What may stand in a token and in a client's ABI.
pub(crate) fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

impl FromStr for DeploymentServerToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let kind = Text::DeploymentServerToken;
        check(kind, text, MAX_TOKEN_BYTES, is_allowed)?;
        if text == ALL {
            return Ok(Self::all());
        }
        let parts: Vec<&str> = text.split('-').collect();
        let [_, _, bits, _] = parts.as_slice() else {
            return Err(Error::Parts { text: kind, found: text.to_owned() });
        };
        if parts.contains(&"") {
            return Err(Error::Parts { text: kind, found: text.to_owned() });
        }
        if !bits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::WordSize { text: kind, found: text.to_owned(), part: (*bits).to_owned() });
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bits, ByteOrder, Cpu, OperatingSystem, Processor};

    const PROCESSOR: Processor =
        Processor { cpu: Cpu::Unknown(7), bits: Bits::B64, byte_order: ByteOrder::Little };

    #[test]
    fn joins_the_facts() {
        let check = |binary: Binary, expected: &str| {
            let token = binary.deployment_server_token().unwrap();
            assert_eq!(token.as_str(), expected);
            assert_eq!(token.as_str().parse(), Ok(token));
        };
        check(Binary::elf(OperatingSystem::Android, PROCESSOR), "unknown-little_endian-64-elf");
        check(Binary::pe(PROCESSOR), "unknown-little_endian-64-pe32");
        check(Binary::mach_o(PROCESSOR), "unknown-little_endian-64-mach_o");
        let big = Processor { cpu: Cpu::Mips, bits: Bits::B32, byte_order: ByteOrder::Big };
        check(Binary::elf(OperatingSystem::Linux, big), "mips-big_endian-32-elf");
    }

    #[test]
    fn refuses_a_universal_binary_even_of_one_slice() {
        assert_eq!(
            Binary::universal_mach_o(vec![PROCESSOR]).deployment_server_token().unwrap_err().to_string(),
            "architecture `macos_universal_unknown` is universal, expected a binary for one cpu"
        );
    }

    #[test]
    fn text_has_four_parts_with_digits_in_the_third() {
        let refused = |text: &str, expected: &str| {
            assert_eq!(text.parse::<DeploymentServerToken>().unwrap_err().to_string(), expected);
        };
        let parts = "has not the parts of `<cpu>-<endian>-<bits>-<format>`";
        refused("all", &format!("deployment-server architecture `all` {parts}"));
        refused("a-b-64", &format!("deployment-server architecture `a-b-64` {parts}"));
        refused("a-b-64-elf-x", &format!("deployment-server architecture `a-b-64-elf-x` {parts}"));
        refused("a--64-elf", &format!("deployment-server architecture `a--64-elf` {parts}"));
        refused("a-b--elf", &format!("deployment-server architecture `a-b--elf` {parts}"));
        refused(
            "a-b-lp64-elf",
            "deployment-server architecture `a-b-lp64-elf` has `lp64` as its third part, expected only digits",
        );
        refused(
            "a-b-64-e.f",
            "deployment-server architecture `a-b-64-e.f` has the character `.`, expected only `A` to `Z`, `a` to \
             `z`, `0` to `9`, `_` and `-`",
        );
        refused("", "deployment-server architecture is empty");
        refused(
            &format!("a-b-64-{}", "f".repeat(58)),
            "deployment-server architecture has 65 bytes, expected at most 64",
        );
    }

    #[test]
    fn accepts_all_and_the_longest() {
        assert!("All".parse::<DeploymentServerToken>().unwrap().is_all());
        assert_eq!(DeploymentServerToken::all().as_str(), "All");
        let longest = format!("a-b-64-{}", "f".repeat(57));
        let token = longest.parse::<DeploymentServerToken>().unwrap();
        assert_eq!(token.as_str(), longest);
        assert!(!token.is_all());
    }
}
