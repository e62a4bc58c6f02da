//! Purchases: the right to download one release for some minutes.

use std::{collections::HashSet, sync::Arc};

use amps_pki::HardwareId;

use super::{AccountError, TokenHash, UserId};
use crate::{clock::Timestamp, model::Sequence};

/// Bytes in the hardware id of a purchase, inclusive.
pub const MAX_DEVICE_ID_BYTES: usize = 1024;

/// Purchases that a user has at the same time; beyond it, the oldest ones end. Devices may share a user.
pub const MAX_PURCHASES_OF_USER: u64 = 10_000;

/// The right to download a release.
#[derive(Clone, Debug)]
pub struct Purchase {
    /// Who has it.
    pub user: UserId,
    /// For which device the package is to be signed, if for one.
    pub device: Option<Arc<HardwareId>>,
    /// Which release.
    pub release: Sequence,
    /// The first moment that it does not last.
    pub expires_at: Timestamp,
}

/// Keeps purchases.
pub trait Purchases: Send + Sync {
    /// Notes a purchase under its token. It ends when it expires, when the release is removed or replaced, and when the user is
    /// removed. [`AccountError::Gone`] if the release or the user is not there; [`AccountError::TooLong`] for a device id over
    /// [`MAX_DEVICE_ID_BYTES`].
    fn create_purchase(
        &self,
        token: &TokenHash,
        purchase: &Purchase,
        now: Timestamp,
    ) -> Result<(), AccountError>;

    /// The purchase of a token, if it has not expired and its user is active.
    fn purchase(&self, token: &TokenHash, now: Timestamp) -> Result<Option<Purchase>, AccountError>;

    /// The releases that somebody has a purchase of that has not expired.
    fn purchased(&self, now: Timestamp) -> Result<HashSet<Sequence>, AccountError>;
}
