//! Keys from passwords, and the budget for the time that this takes.

use std::num::NonZeroU32;

use aws_lc_rs::{digest, pbkdf2};
use zeroize::Zeroizing;

use super::Pkcs12Error;
use crate::Password;

/// Rounds of key derivation for one file, all derivations together, inclusive. OpenSSL uses 2,048 for each of
/// three to five; the limit takes a few seconds.
pub(super) const MAX_ROUNDS: u32 = 5_000_000;

/// What a derived key is for (RFC 7292 section B.3).
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Key = 1,
    Iv = 2,
    Mac = 3,
}

/// A password in the forms in which PKCS#12 uses it, and the work that may still be spent on it.
pub(super) struct Deriver<'a> {
    password: &'a Password,
    /// UTF-16 with a zero at the end (RFC 7292 section B.1).
    wide: Zeroizing<Vec<u8>>,
    rounds_left: u32,
}

impl<'a> Deriver<'a> {
    pub(super) fn new(password: &'a Password) -> Self {
        // Room for all of it: growing would leave copies behind.
        let mut wide = Zeroizing::new(Vec::with_capacity(password.as_str().len() * 2 + 2));
        for unit in password.as_str().encode_utf16().chain([0]) {
            wide.extend_from_slice(&unit.to_be_bytes());
        }
        Self { password, wide, rounds_left: MAX_ROUNDS }
    }

    /// From now on an empty password has no zero at its end either: some writers leave it out.
    pub(super) fn without_terminator(&mut self) {
        self.wide.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.password.as_str().is_empty()
    }

    /// Derives a key with the function of PKCS#12 itself (RFC 7292 section B.2).
    pub(super) fn pkcs12(
        &mut self,
        algorithm: &'static digest::Algorithm,
        purpose: Purpose,
        salt: &[u8],
        rounds: u32,
        size_bytes: usize,
    ) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
        let block = algorithm.block_len();
        let blocks = size_bytes.div_ceil(algorithm.output_len());
        self.spend(rounds, blocks)?;
        let diversifier = vec![purpose as u8; block];
        let filled = |bytes: &[u8]| -> Vec<u8> {
            let size = bytes.len().div_ceil(block) * block;
            bytes.iter().copied().cycle().take(size).collect()
        };
        let mut state = Zeroizing::new(filled(salt));
        let password = Zeroizing::new(filled(&self.wide));
        let mut input = Zeroizing::new(Vec::with_capacity(state.len() + password.len()));
        input.append(&mut state);
        input.extend_from_slice(&password);
        let mut key = Zeroizing::new(Vec::with_capacity(blocks * algorithm.output_len()));
        for _ in 0..blocks {
            let mut context = digest::Context::new(algorithm);
            context.update(&diversifier);
            context.update(&input);
            let mut hash = context.finish();
            for _ in 1..rounds {
                hash = digest::digest(algorithm, hash.as_ref());
            }
            key.extend_from_slice(hash.as_ref());
            let addend: Zeroizing<Vec<u8>> =
                Zeroizing::new(hash.as_ref().iter().copied().cycle().take(block).collect());
            for chunk in input.chunks_mut(block) {
                add_one_and(chunk, &addend);
            }
        }
        key.truncate(size_bytes);
        Ok(key)
    }

    /// Derives a key with PBKDF2 (RFC 8018 section 5.2).
    pub(super) fn pbkdf2(
        &mut self,
        algorithm: pbkdf2::Algorithm,
        salt: &[u8],
        rounds: u32,
        size_bytes: usize,
    ) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
        // The shortest digest has 20 bytes.
        self.spend(rounds, size_bytes.div_ceil(20))?;
        let rounds = NonZeroU32::new(rounds).unwrap_or(NonZeroU32::MIN);
        let mut key = Zeroizing::new(vec![0; size_bytes]);
        pbkdf2::derive(algorithm, rounds, salt, self.password.as_str().as_bytes(), &mut key);
        Ok(key)
    }

    fn spend(&mut self, rounds: u32, blocks: usize) -> Result<(), Pkcs12Error> {
        let rounds = u32::try_from(blocks).ok().and_then(|blocks| blocks.checked_mul(rounds));
        match rounds.and_then(|rounds| self.rounds_left.checked_sub(rounds)) {
            Some(left) => {
                self.rounds_left = left;
                Ok(())
            }
            None => Err(Pkcs12Error::TooMuchWork { limit: MAX_ROUNDS }),
        }
    }
}

/// `number + addend + 1`, most significant byte first, without what does not fit.
fn add_one_and(number: &mut [u8], addend: &[u8]) {
    let mut carry = 1_u16;
    for (digit, add) in number.iter_mut().zip(addend).rev() {
        let sum = u16::from(*digit) + u16::from(*add) + carry;
        [_, *digit] = sum.to_be_bytes();
        carry = sum >> 8;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn work_is_limited_inclusively_over_all_derivations() {
        let password = Password::from("x");
        let mut deriver = Deriver::new(&password);
        deriver.rounds_left = 30;
        let mut derive = |rounds| deriver.pkcs12(&digest::SHA256, Purpose::Mac, b"salt", rounds, 32);
        assert_eq!(derive(10).unwrap().len(), 32);
        let refused = Pkcs12Error::TooMuchWork { limit: MAX_ROUNDS };
        assert_eq!(derive(21), Err(refused.clone()));
        assert_eq!(derive(20).unwrap().len(), 32);
        assert_eq!(derive(1), Err(refused));
    }

    #[test]
    fn a_carry_runs_through_and_off_the_end() {
        let mut number = [0xff, 0xff, 0xff];
        add_one_and(&mut number, &[0, 0, 0]);
        assert_eq!(number, [0, 0, 0]);
        add_one_and(&mut number, &[1, 0, 0xff]);
        assert_eq!(number, [1, 1, 0]);
    }
}
