//! Hashes of passwords: argon2id for new ones, and what Django has made until its owner logs in.

use std::{fmt, num::NonZeroU32, str::FromStr};

use amps_pki::Password;
use argon2::{Algorithm, Argon2, Block, Params, Version, password_hash::phc};
use aws_lc_rs::pbkdf2;
use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::AccountError;

/// Characters that a new password must have (OWASP, Authentication Cheat Sheet). Old ones may have fewer.
pub const MIN_PASSWORD_CHARS: usize = 8;
/// Bytes in a password, inclusive; a longer one is nobody's.
pub const MAX_PASSWORD_BYTES: usize = 4096;

/// What one hash costs (OWASP, Password Storage Cheat Sheet): 19 MiB of memory, gone through twice by one thread.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What a hash that somebody else made may cost at most. Django asks argon2 for 100 MiB, 2 passes, 8 lanes, and grows its
/// iterations of PBKDF2 with every version; 1,500,000 is near.
const MAX_MEMORY_KIB: u32 = 128 * 1024;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 16;
pub(super) const MAX_ITERATIONS: u32 = 5_000_000;
const MAX_HASH_BYTES: usize = 512;

const SALT_BYTES: usize = 16;
const PBKDF2_BYTES: usize = 32;

/// Why a password is not one that a user may be given. Does not tell the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPassword {
    /// It is easy to guess.
    #[error("the password has {found} characters, expected at least {MIN_PASSWORD_CHARS}")]
    TooShort {
        /// Its length.
        found: usize,
    },
    /// It is longer than what is checked.
    #[error("the password has more than {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
}

/// Why a text is no hash of a password. Does not tell the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not the hash of a password: expected argon2id or pbkdf2_sha256, at a cost that is not absurd"
)]
pub struct InvalidPasswordHash;

/// By what a password is recognised.
///
/// As text it is what the PHC calls a string (`$argon2id$v=19$…`), or what Django keeps: `argon2$argon2id$…`,
/// `pbkdf2_sha256$ITERATIONS$SALT$HASH`, or `!…` for an account that no password opens.
#[derive(Clone)]
pub struct PasswordHash {
    text: String,
    scheme: Scheme,
}

/// Memory to hash in, for as often as one likes. If each hash took its own, the system's allocator would keep that of dozens of
/// threads for a while: two gigabytes were seen.
#[derive(Default)]
pub(super) struct HashMemory(Vec<Block>);

/// How a password is checked.
#[derive(Clone)]
pub(super) enum Scheme {
    Argon2id(Box<phc::PasswordHash>),
    Pbkdf2 { iterations: NonZeroU32, salt: String, hash: [u8; PBKDF2_BYTES] },
    Nothing,
}

impl PasswordHash {
    /// Hashes a password that somebody has chosen, with a new salt.
    pub fn create(password: &Password) -> Result<Self, AccountError> {
        let text = password.as_str();
        let found = text.chars().count();
        if found < MIN_PASSWORD_CHARS {
            return Err(InvalidPassword::TooShort { found }.into());
        }
        if text.len() > MAX_PASSWORD_BYTES {
            return Err(InvalidPassword::TooLong.into());
        }
        Self::compute(password, &mut HashMemory::default())
    }

    /// The one that no password fits.
    pub fn of_none() -> Self {
        Self { text: "!".to_owned(), scheme: Scheme::Nothing }
    }

    /// The hash of a password whatever its length: the one that a user has already.
    pub(super) fn compute(password: &Password, memory: &mut HashMemory) -> Result<Self, AccountError> {
        let mut salt = [0; SALT_BYTES];
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| AccountError::Random)?;
        let mut hash = || {
            let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
            let hash = memory.derive(&params, Version::V0x13, password.as_str().as_bytes(), &salt)?;
            Some(phc::PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: (&params).try_into().ok()?,
                salt: Some(phc::Salt::new(&salt).ok()?),
                hash: Some(hash),
            })
        };
        // It takes any password of less than 4 GiB, and these parameters: what is missing is memory.
        let hash = hash().ok_or(AccountError::Memory)?;
        Ok(Self { text: hash.to_string(), scheme: Scheme::Argon2id(Box::new(hash)) })
    }

    /// Whether it is that of this password. Takes the time and the memory that it was made to take.
    pub fn fits(&self, password: &Password) -> bool {
        self.fits_in(password, &mut HashMemory::default())
    }

    /// The same in memory that is there already.
    pub(super) fn fits_in(&self, password: &Password, memory: &mut HashMemory) -> bool {
        let password = password.as_str().as_bytes();
        if password.len() > MAX_PASSWORD_BYTES {
            return false;
        }
        match &self.scheme {
            Scheme::Argon2id(hash) => {
                memory.argon2id(password, hash).is_some_and(|found| Some(found) == hash.hash)
            }
            Scheme::Pbkdf2 { iterations, salt, hash } => {
                pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, *iterations, salt.as_bytes(), password, hash)
                    .is_ok()
            }
            Scheme::Nothing => false,
        }
    }

    /// Whether a new hash should take its place at the next login: it is not argon2id at today's cost.
    pub fn is_dated(&self) -> bool {
        match &self.scheme {
            Scheme::Argon2id(hash) => {
                let cost = |name| hash.params.get_decimal(name);
                (cost("m"), cost("t"), cost("p")) != (Some(MEMORY_KIB), Some(PASSES), Some(LANES))
            }
            Scheme::Pbkdf2 { .. } => true,
            Scheme::Nothing => false,
        }
    }

    /// How it is checked.
    pub(super) fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// As text, for the catalog and for nothing else.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

impl FromStr for PasswordHash {
    type Err = InvalidPasswordHash;

    fn from_str(text: &str) -> Result<Self, InvalidPasswordHash> {
        if text.len() > MAX_HASH_BYTES {
            return Err(InvalidPasswordHash);
        }
        let scheme = if text.starts_with('!') {
            Some(Scheme::Nothing)
        } else if let Some(rest) = text.strip_prefix("pbkdf2_sha256$") {
            pbkdf2(rest)
        } else {
            argon2id(text.strip_prefix("argon2").unwrap_or(text))
        };
        let scheme = scheme.ok_or(InvalidPasswordHash)?;
        Ok(Self { text: text.to_owned(), scheme })
    }
}

/// Shows that there is a hash, not which.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordHash(redacted)")
    }
}

impl HashMemory {
    /// What the hash of a password should be, at the cost and with the salt of another one.
    fn argon2id(&mut self, password: &[u8], hash: &phc::PasswordHash) -> Option<phc::Output> {
        let params = Params::try_from(hash).ok()?;
        let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
        // Costs more than ours, which is so once: the login puts another one in its place.
        if params.block_count() > MEMORY_KIB as usize {
            return Self::default().derive(&params, version, password, hash.salt.as_ref()?);
        }
        self.derive(&params, version, password, hash.salt.as_ref()?)
    }

    fn derive(
        &mut self,
        params: &Params,
        version: Version,
        password: &[u8],
        salt: &[u8],
    ) -> Option<phc::Output> {
        let blocks = params.block_count();
        if self.0.len() < blocks {
            self.0.clear();
            self.0.try_reserve_exact(blocks).ok()?;
            self.0.resize(blocks, Block::new());
        }
        let mut buffer = [0; phc::Output::MAX_LENGTH];
        let output = buffer.get_mut(..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN))?;
        Argon2::new(Algorithm::Argon2id, version, params.clone())
            .hash_password_into_with_memory(password, salt, output, self.0.get_mut(..blocks)?)
            .ok()?;
        phc::Output::new(output).ok()
    }
}

/// A string of the PHC, if it is complete and its cost is one that may be paid.
fn argon2id(text: &str) -> Option<Scheme> {
    let hash = phc::PasswordHash::new(text).ok()?;
    let is_affordable =
        |name, limit| hash.params.get_decimal(name).is_some_and(|cost| (1..=limit).contains(&cost));
    let is_complete = hash.algorithm.as_str() == "argon2id" && hash.salt.is_some() && hash.hash.is_some();
    let is_taken = is_complete
        && is_affordable("m", MAX_MEMORY_KIB)
        && is_affordable("t", MAX_PASSES)
        && is_affordable("p", MAX_LANES);
    is_taken.then(|| Scheme::Argon2id(Box::new(hash)))
}

/// `ITERATIONS$SALT$HASH` as Django writes it; the salt is the text as it stands there.
fn pbkdf2(text: &str) -> Option<Scheme> {
    let mut parts = text.split('$');
    let (iterations, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
    let iterations = iterations.parse::<NonZeroU32>().ok().filter(|number| number.get() <= MAX_ITERATIONS)?;
    let mut bytes = [0; PBKDF2_BYTES];
    let is_whole = matches!(BASE64_STANDARD.decode_slice(hash, &mut bytes), Ok(PBKDF2_BYTES));
    (is_whole && parts.next().is_none() && !salt.is_empty()).then(|| Scheme::Pbkdf2 {
        iterations,
        salt: salt.to_owned(),
        hash: bytes,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Made with Python: `hashlib.pbkdf2_hmac('sha256', b'open sesame', b'seasalt2', 1000)`, as Django's hasher does.
    const DJANGO: &str = "pbkdf2_sha256$1000$seasalt2$e/cedIZPM5UETSepM4wUFax1UYIzff5mr12PPFIQ0jI=";

    fn fits(hash: &str, password: &str) -> bool {
        hash.parse::<PasswordHash>().unwrap().fits(&password.into())
    }

    #[test]
    fn a_hash_fits_its_password_only() {
        let hash = PasswordHash::create(&"open sesame".into()).unwrap();
        assert!(hash.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.reveal());
        assert!(fits(hash.reveal(), "open sesame"));
        for wrong in ["", "open sesamf", "open sesame ", "open sesame\0"] {
            assert!(!fits(hash.reveal(), wrong));
        }
        assert!(!hash.is_dated());
        assert_ne!(PasswordHash::create(&"open sesame".into()).unwrap().reveal(), hash.reveal());
    }

    #[test]
    fn what_django_has_made_fits_and_is_dated() {
        assert!(fits(DJANGO, "open sesame"));
        assert!(!fits(DJANGO, "open sesamf"));
        assert!(DJANGO.parse::<PasswordHash>().unwrap().is_dated());
        let hash = PasswordHash::create(&"open sesame".into()).unwrap();
        let of_django = format!("argon2{}", hash.reveal());
        assert!(fits(&of_django, "open sesame"));
        // Another cost than ours; from the tests of the reference implementation of argon2 (src/test.c).
        let costly =
            "argon2$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";
        assert!(fits(costly, "password"));
        assert!(!fits(costly, "passwore"));
        assert!(costly.parse::<PasswordHash>().unwrap().is_dated());
        assert!(!fits("!2sO9mJ0qL", ""));
        assert!(!fits("!", "!"));
        assert!(!fits(PasswordHash::of_none().reveal(), ""));
    }

    #[test]
    fn anything_else_is_no_hash() {
        let argon2id = |cost: &str| {
            format!("$argon2id$v=19${cost}$c2Vhc2FsdDI$K6cUeCLNWYfHrA4rnMt7gK3bJv/cXHZFxOGX6wmFL8Q")
        };
        assert!(argon2id("m=131072,t=16,p=16").parse::<PasswordHash>().is_ok());
        let wrong = [
            String::new(),
            "open sesame".into(),
            "md5$salt$0123".into(),
            "pbkdf2_sha1$1000$seasalt2$x".into(),
            DJANGO.replace("1000", "0"),
            DJANGO.replace("1000", "5000001"),
            DJANGO.replace("1000", "-1"),
            DJANGO.replace("seasalt2", ""),
            format!("{DJANGO}$"),
            DJANGO[..DJANGO.len() - 1].into(),
            argon2id("m=131073,t=2,p=1"),
            argon2id("m=19456,t=17,p=1"),
            argon2id("m=19456,t=2,p=17"),
            argon2id("m=19456,t=0,p=1"),
            argon2id("t=2,p=1"),
            argon2id("m=19456,t=2,p=1").replace("argon2id", "argon2i"),
            "$argon2id$v=19$m=19456,t=2,p=1$c2Vhc2FsdDI".into(),
            format!("!{}", "x".repeat(MAX_HASH_BYTES)),
        ];
        for text in wrong {
            assert!(text.parse::<PasswordHash>().is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_of_passwords_are_bounded() {
        let error = PasswordHash::create(&"1234567".into()).unwrap_err().to_string();
        assert_eq!(error, "the password has 7 characters, expected at least 8");
        assert!(PasswordHash::create(&"üüüüüüüü".into()).is_ok());
        let long = "x".repeat(MAX_PASSWORD_BYTES);
        assert!(PasswordHash::create(&long.as_str().into()).unwrap().fits(&long.as_str().into()));
        let error = PasswordHash::create(&format!("{long}x").as_str().into()).unwrap_err().to_string();
        assert_eq!(error, "the password has more than 4096 bytes");
    }

    #[test]
    fn a_hash_is_not_printed() {
        assert_eq!(format!("{:?}", DJANGO.parse::<PasswordHash>().unwrap()), "PasswordHash(redacted)");
    }
}
