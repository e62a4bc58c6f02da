//! The credit of each client.

use std::{
    num::NonZero,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lru::LruCache;

use crate::client_network::ClientNetwork;

/// Clients that are remembered: some 2 MiB. Beyond it, the one that has asked for nothing for the longest time is forgotten; with the
/// default credit that has nothing to pay any more, unless others come at 160 per second.
const REMEMBERED: NonZero<usize> = match NonZero::new(16_384) {
    Some(clients) => clients,
    None => NonZero::<usize>::MIN,
};

/// Credits are counted in thousandths: what is added in a millisecond is a whole number of them.
const THOUSANDTHS: i64 = 1000;

/// What each client has left.
pub(super) struct Accounts {
    of_clients: Mutex<LruCache<ClientNetwork, Account>>,
    most: i64,
    per_millisecond: i64,
}

#[derive(Clone, Copy)]
struct Account {
    /// May be less than nothing.
    thousandths: i64,
    /// Up to which moment what was added counts.
    at: Duration,
}

impl Accounts {
    pub(super) fn new(most: u32, per_second: u32) -> Self {
        Self {
            of_clients: Mutex::new(LruCache::new(REMEMBERED)),
            most: i64::from(most) * THOUSANDTHS,
            // Thousandths in a millisecond are credits in a second.
            per_millisecond: per_second.into(),
        }
    }

    /// Takes a price from a client; if it has not so much, how long it takes until it has. What costs more than anybody can have
    /// costs all that one can have.
    pub(super) fn pay(&self, client: ClientNetwork, credits: u32, now: Duration) -> Result<(), Duration> {
        let price = (i64::from(credits) * THOUSANDTHS).min(self.most);
        self.with(client, now, |account| {
            let missing = price - account.thousandths;
            if missing > 0 {
                let milliseconds = u64::try_from(missing).unwrap_or(0).div_ceil(self.per_second());
                return Err(Duration::from_millis(milliseconds));
            }
            account.thousandths -= price;
            Ok(())
        })
    }

    /// Takes a price that is known only now, also from a client that has not so much.
    pub(super) fn owe(&self, client: ClientNetwork, thousandths: u64, now: Duration) {
        let price = i64::try_from(thousandths).unwrap_or(i64::MAX);
        self.with(client, now, |account| {
            account.thousandths = account.thousandths.saturating_sub(price).max(-self.most);
        });
    }

    fn per_second(&self) -> u64 {
        u64::try_from(self.per_millisecond).unwrap_or(0).max(1)
    }

    fn with<T>(&self, client: ClientNetwork, now: Duration, what: impl FnOnce(&mut Account) -> T) -> T {
        // Two numbers that are changed one after the other: a panic in between cannot happen.
        let mut accounts = self.of_clients.lock().unwrap_or_else(PoisonError::into_inner);
        let account = accounts.get_or_insert_mut(client, || Account { thousandths: self.most, at: now });
        let milliseconds = now.saturating_sub(account.at).as_millis();
        // Only what counts: otherwise, who asks more than once in a millisecond would never get anything.
        account.at += Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX));
        let added = i64::try_from(milliseconds).unwrap_or(i64::MAX).saturating_mul(self.per_millisecond);
        account.thousandths = account.thousandths.saturating_add(added).min(self.most);
        what(account)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn client(ip: &str) -> ClientNetwork {
        ClientNetwork::of(ip.parse().unwrap())
    }

    const fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn credit_is_spent_and_grows_again_up_to_the_most() {
        let (accounts, one) = (Accounts::new(100, 10), client("192.0.2.1"));
        for _ in 0..5 {
            accounts.pay(one, 20, at(0)).unwrap();
        }
        assert_eq!(accounts.pay(one, 20, at(0)), Err(at(2000)));
        assert_eq!(accounts.pay(one, 20, at(1999)), Err(at(1)));
        accounts.pay(one, 20, at(2000)).unwrap();
        assert_eq!(accounts.pay(one, 1, at(2000)), Err(at(100)));
        // Others have theirs.
        accounts.pay(client("192.0.2.2"), 100, at(2000)).unwrap();
        accounts.pay(one, 100, at(1_000_000)).unwrap();
        assert_eq!(accounts.pay(one, 1, at(1_000_000)), Err(at(100)));
    }

    #[test]
    fn whoever_asks_all_the_time_gets_what_is_due() {
        let (accounts, one) = (Accounts::new(10, 10), client("192.0.2.1"));
        let micros = (0..2_000_000).step_by(100);
        let paid = micros.filter(|micros| accounts.pay(one, 1, Duration::from_micros(*micros)).is_ok());
        assert_eq!(paid.count(), 10 + 19);
    }

    #[test]
    fn what_costs_more_than_one_can_have_costs_all() {
        let (accounts, one) = (Accounts::new(10, 1), client("192.0.2.1"));
        accounts.pay(one, 1000, at(0)).unwrap();
        assert_eq!(accounts.pay(one, 1000, at(0)), Err(at(10_000)));
    }

    #[test]
    fn debts_are_bounded() {
        let (accounts, one) = (Accounts::new(10, 1), client("192.0.2.1"));
        accounts.owe(one, 3_000, at(0));
        accounts.pay(one, 7, at(0)).unwrap();
        accounts.owe(one, u64::MAX, at(0));
        assert_eq!(accounts.pay(one, 1, at(0)), Err(at(11_000)));
    }

    #[test]
    fn a_clock_that_jumps_harms_nobody() {
        let (accounts, one) = (Accounts::new(10, u32::MAX), client("192.0.2.1"));
        accounts.pay(one, 10, at(1000)).unwrap();
        assert!(accounts.pay(one, 10, at(0)).is_err());
        accounts.pay(one, 10, Duration::from_secs(u64::MAX / 2000)).unwrap();
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let accounts = Accounts::new(10, 1);
        for number in 0..40_000_u32 {
            accounts.pay(ClientNetwork::of(IpAddr::V4(number.into())), 1, at(0)).unwrap();
        }
        assert_eq!(accounts.of_clients.lock().unwrap().len(), REMEMBERED.get());
    }
}
