//! Letting every login that fails cost the same, so that nobody can tell by the time whether there is such a user.
//!
//! What it costs depends on who has made the hash: Django's PBKDF2 takes longer than argon2id, and an account that no password opens
//! takes nothing. So whoever has failed pays what the costliest would have: argon2id at today's cost, and as many
//! iterations of PBKDF2 as any user's hash has. When all of these have logged in once, that is none.

use std::num::NonZeroU32;

use amps_pki::Password;
use aws_lc_rs::pbkdf2;

use super::password_hash::{HashMemory, MAX_PASSWORD_BYTES, PasswordHash, Scheme};

/// What checking passwords takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Work {
    /// Hashes of argon2id. Those of another cost than today's, which Django makes if it is told to, count as one.
    argon2id: u32,
    /// Iterations of PBKDF2.
    iterations: u32,
}

impl Work {
    /// What checking this hash takes.
    pub(super) fn of(hash: &PasswordHash) -> Self {
        match hash.scheme() {
            Scheme::Argon2id(_) => Self { argon2id: 1, iterations: 0 },
            Scheme::Pbkdf2 { iterations, .. } => Self { argon2id: 0, iterations: iterations.get() },
            Scheme::Nothing => Self { argon2id: 0, iterations: 0 },
        }
    }

    /// What is still to be done after this, if some user's hash has so many iterations.
    pub(super) fn rest(self, most_iterations: u32) -> Self {
        Self {
            argon2id: 1_u32.saturating_sub(self.argon2id),
            iterations: most_iterations.saturating_sub(self.iterations),
        }
    }

    /// Does it, for nothing: checks the password against a hash of argon2id that it does not fit.
    pub(super) fn spend(self, password: &Password, decoy: &PasswordHash, memory: &mut HashMemory) {
        // One that is too long is not looked at, whoever's it is.
        if password.as_str().len() > MAX_PASSWORD_BYTES {
            return;
        }
        for _ in 0..self.argon2id {
            decoy.fits_in(password, memory);
        }
        if let Some(iterations) = NonZeroU32::new(self.iterations) {
            let mut out = [0; 32];
            let (salt, password) = (b"for nothing", password.as_str().as_bytes());
            pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, password, &mut out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_fails_pays_the_same() {
        let ours = PasswordHash::create(&"open sesame".into()).unwrap();
        let django = |iterations: u32| {
            format!("pbkdf2_sha256${iterations}$seasalt2$e/cedIZPM5UETSepM4wUFax1UYIzff5mr12PPFIQ0jI=")
                .parse()
                .unwrap()
        };
        for (most, hashes) in [
            (0, vec![ours.clone(), "!".parse().unwrap()]),
            (5000, vec![ours, "!".parse().unwrap(), django(1000), django(5000)]),
        ] {
            for hash in hashes {
                let (done, rest) = (Work::of(&hash), Work::of(&hash).rest(most));
                let sum = (done.argon2id + rest.argon2id, done.iterations + rest.iterations);
                assert_eq!(sum, (1, most), "{done:?}");
            }
        }
    }
}
