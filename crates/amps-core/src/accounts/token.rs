//! Tokens: random numbers that open something for whoever knows them. The catalog keeps their hashes only.

use std::{fmt, str::FromStr};

use ampkg::Digest;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::AccountError;

/// Random bytes in a token: 256 bits.
const TOKEN_BYTES: usize = 32;

/// By what the catalog finds what a token opens: the SHA-256 of the token's bytes, behind the name of its kind if that has one. Whoever reads the catalog learns no token
/// from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenHash(pub Digest);

/// Why a text is no token. Does not tell the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a token: expected 43 characters of base64url, behind its prefix if it has one")]
pub struct InvalidToken;

/// What a session's cookie holds.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken([u8; TOKEN_BYTES]);

/// What the cookie of a browser holds in which somebody has signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct BrowserToken([u8; TOKEN_BYTES]);

/// What stands in the URL of a download.
#[derive(Clone, PartialEq, Eq)]
pub struct DownloadToken([u8; TOKEN_BYTES]);

/// What every [`ApiToken`] begins with, so that programs that look for secrets in files find it.
pub const API_TOKEN_PREFIX: &str = "amps_";

/// What a program or a person shows to be let in, in the header `Authorization`.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken([u8; TOKEN_BYTES]);

macro_rules! token {
    ($($name:ident $prefix:expr, $kind:literal;)*) => {$(
        impl $name {
            /// A new one, from the system's random numbers.
            pub fn generate() -> Result<Self, AccountError> {
                let mut bytes = [0; TOKEN_BYTES];
                aws_lc_rs::rand::fill(&mut bytes).map_err(|_| AccountError::Random)?;
                Ok(Self(bytes))
            }

            /// The text that its owner, and nobody else, is given: its prefix, if it has one, and 43 characters, all of which may
            /// stand in a URL or a cookie.
            pub fn reveal(&self) -> String {
                format!("{}{}", $prefix, BASE64_URL_SAFE_NO_PAD.encode(self.0))
            }

            /// By what the catalog finds what it opens.
            pub fn hash(&self) -> TokenHash {
                TokenHash(Digest(Sha256::new().chain_update($kind).chain_update(self.0).finalize().into()))
            }
        }

        impl FromStr for $name {
            type Err = InvalidToken;

            fn from_str(text: &str) -> Result<Self, InvalidToken> {
                let mut bytes = [0; TOKEN_BYTES];
                let text = text.strip_prefix($prefix).ok_or(InvalidToken)?;
                match BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
                    Ok(TOKEN_BYTES) => Ok(Self(bytes)),
                    _ => Err(InvalidToken),
                }
            }
        }

        /// Shows that there is a token, not which.
        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    )*};
}

token! {
    SessionToken "", "";
    // Stands in the same table as the one above, and is to be no other's.
    BrowserToken "", "amps browser session\n";
    DownloadToken "", "";
    ApiToken API_TOKEN_PREFIX, "";
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_from_its_text() {
        let token = SessionToken::generate().unwrap();
        let text = token.reveal();
        assert_eq!(text.len(), 43);
        assert_eq!(text.parse(), Ok(token.clone()));
        assert_ne!(SessionToken::generate().unwrap(), token);
        assert_ne!(token.hash().0.0, token.0);
        assert_eq!(token.hash(), text.parse::<DownloadToken>().unwrap().hash());
        assert_ne!(token.hash(), text.parse::<BrowserToken>().unwrap().hash());
    }

    #[test]
    fn nothing_else_is_a_token() {
        let text = DownloadToken::generate().unwrap().reveal();
        let long = "A".repeat(1 << 20);
        // `B` at the end has bits that no byte has: two texts would be one token.
        for wrong in ["", "A", &text[1..], &format!("{text}A"), &format!("{text}="), &"A".repeat(44), &long] {
            assert_eq!(wrong.parse::<DownloadToken>(), Err(InvalidToken));
        }
        assert_eq!(format!("{}B", "A".repeat(42)).parse::<DownloadToken>(), Err(InvalidToken));
        assert!("A".repeat(43).parse::<DownloadToken>().is_ok());
        assert_eq!(format!("{}+", "A".repeat(42)).parse::<DownloadToken>(), Err(InvalidToken));
    }

    #[test]
    fn an_api_token_has_a_prefix() {
        let token = ApiToken::generate().unwrap();
        let text = token.reveal();
        assert_eq!((text.len(), text.get(..5)), (48, Some("amps_")));
        assert_eq!(text.parse(), Ok(token));
        for wrong in ["", "amps_", &text[5..], &text[..47], &format!("{text}A"), &format!("amps_{text}")] {
            assert_eq!(wrong.parse::<ApiToken>(), Err(InvalidToken));
        }
    }

    #[test]
    fn a_token_is_not_printed() {
        assert_eq!(format!("{:?}", SessionToken::generate().unwrap()), "SessionToken(redacted)");
        assert_eq!(format!("{:?}", ApiToken::generate().unwrap()), "ApiToken(redacted)");
    }
}
