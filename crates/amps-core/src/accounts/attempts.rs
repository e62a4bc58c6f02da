//! Failed logins, and how long whoever failed has to wait.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroUsize,
    time::Duration,
};

use lru::LruCache;

/// Users and addresses that are remembered; beyond it, those that failed the longest time ago are forgotten. Each failure costs
/// a hash, so pushing one out takes minutes of the server's time.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(16_384).unwrap();

/// After so long without a failure everything is forgiven.
const FORGIVEN_AFTER: Duration = Duration::from_hours(1);

/// How failures are answered.
struct Rule {
    /// Failures without consequences, inclusive.
    free: u32,
    /// How long to wait at most. The first wait is a second, each further failure doubles it.
    longest: Duration,
}

/// One minute at most: whoever knows a name can keep its owner out, and should not for long.
const OF_USER: Rule = Rule { free: 5, longest: Duration::from_mins(1) };
/// More for free: many devices may have one address.
const OF_ADDRESS: Rule = Rule { free: 20, longest: Duration::from_mins(15) };

/// The failures of the last time. Times are those of a clock that never goes back.
#[derive(Debug)]
pub(super) struct Attempts {
    users: LruCache<Box<str>, Failures>,
    addresses: LruCache<Network, Failures>,
    /// Who has logged in from where: there, somebody else's failures do not count against them.
    proven: LruCache<(Box<str>, Network), ()>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Duration,
    blocked_until: Duration,
}

/// An address, or those that belong to the same machine or household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Network(IpAddr);

impl Network {
    /// An IPv4 address is one; of IPv6, everybody has at least 2^64 addresses (RFC 6177), which count as one.
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                Self(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into())
            }
            address @ IpAddr::V4(_) => Self(address),
        }
    }
}

impl Attempts {
    pub(super) fn new() -> Self {
        Self {
            users: LruCache::new(REMEMBERED),
            addresses: LruCache::new(REMEMBERED),
            proven: LruCache::new(REMEMBERED),
        }
    }

    /// How long to wait before the next attempt, if at all.
    pub(super) fn wait(&mut self, user: &str, from: Network, now: Duration) -> Option<Duration> {
        let is_proven = self.proven.peek(&(user.into(), from)).is_some();
        let of_user = if is_proven { None } else { self.users.peek(user) };
        [of_user, self.addresses.peek(&from)]
            .into_iter()
            .flatten()
            .map(|failures| failures.blocked_until.saturating_sub(now))
            .max()
            .filter(|wait| !wait.is_zero())
    }

    /// Notes that an attempt has failed.
    pub(super) fn failed(&mut self, user: &str, from: Network, now: Duration) {
        self.proven.pop(&(user.into(), from));
        let failures = self.users.get(user).copied();
        self.users.put(user.into(), OF_USER.after(failures, now));
        let failures = self.addresses.get(&from).copied();
        self.addresses.put(from, OF_ADDRESS.after(failures, now));
    }

    /// Notes that an attempt has succeeded. What failed from that address still counts: one account does not open the others.
    pub(super) fn succeeded(&mut self, user: &str, from: Network) {
        self.users.pop(user);
        self.proven.put((user.into(), from), ());
    }
}

impl Rule {
    fn after(&self, failures: Option<Failures>, now: Duration) -> Failures {
        let before = failures
            .filter(|failures| now.saturating_sub(failures.last) < FORGIVEN_AFTER)
            .map_or(0, |failures| failures.count);
        let count = before.saturating_add(1);
        let wait = match count.checked_sub(self.free + 1) {
            None => Duration::ZERO,
            Some(doublings) => {
                let seconds = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
                Duration::from_secs(seconds).min(self.longest)
            }
        };
        Failures { count, last: now, blocked_until: now.saturating_add(wait) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(1000);

    fn network(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    /// What there is to wait, in seconds, after each of so many failures, each at the moment when the wait is over.
    fn waits(attempts: &mut Attempts, failures: u32, user: impl Fn(u32) -> String, from: &str) -> Vec<u64> {
        let mut now = START;
        (0..failures)
            .map(|number| {
                attempts.failed(&user(number), network(from), now);
                let wait = attempts.wait(&user(number), network(from), now).unwrap_or_default();
                now += wait;
                assert_eq!(attempts.wait(&user(number), network(from), now), None);
                wait.as_secs()
            })
            .collect()
    }

    #[test]
    fn the_sixth_failure_of_a_user_costs_a_second_and_each_further_one_twice_as_much() {
        let waits = waits(&mut Attempts::new(), 14, |_| "joe".into(), "10.0.0.1");
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn an_address_that_tries_many_users_is_slowed() {
        let waits = waits(&mut Attempts::new(), 33, |number| format!("u{number}"), "10.0.0.1");
        assert_eq!(waits[..20], [0; 20]);
        assert_eq!(waits[20..], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    }

    #[test]
    fn a_user_is_slowed_from_everywhere_but_where_they_have_logged_in() {
        let mut attempts = Attempts::new();
        attempts.succeeded("joe", network("10.0.0.9"));
        for number in 0..10 {
            attempts.failed("joe", network(&format!("10.0.1.{number}")), START);
        }
        assert!(attempts.wait("joe", network("10.0.2.1"), START).is_some());
        assert_eq!(attempts.wait("ann", network("10.0.2.1"), START), None);
        assert_eq!(attempts.wait("joe", network("10.0.0.9"), START), None);
        // There, too, one may guess once only.
        attempts.failed("joe", network("10.0.0.9"), START);
        assert!(attempts.wait("joe", network("10.0.0.9"), START).is_some());
    }

    #[test]
    fn success_forgives_the_user_and_not_the_address() {
        let mut attempts = Attempts::new();
        for _ in 0..25 {
            attempts.failed("joe", network("10.0.0.1"), START);
        }
        attempts.succeeded("joe", network("10.0.0.1"));
        assert_eq!(attempts.wait("joe", network("10.0.0.2"), START), None);
        assert_eq!(attempts.wait("joe", network("10.0.0.1"), START), Some(Duration::from_secs(16)));
    }

    #[test]
    fn an_hour_later_everything_is_forgiven() {
        let mut attempts = Attempts::new();
        for _ in 0..10 {
            attempts.failed("joe", network("10.0.0.1"), START);
        }
        let later = START + FORGIVEN_AFTER;
        attempts.failed("joe", network("10.0.0.1"), later);
        assert_eq!(attempts.wait("joe", network("10.0.0.1"), later), None);
    }

    #[test]
    fn the_addresses_of_one_household_count_as_one() {
        assert_eq!(network("2001:db8:1:2:3::4"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:10.0.0.1"), network("10.0.0.1"));
        assert_ne!(network("10.0.0.1"), network("10.0.0.2"));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut attempts = Attempts::new();
        for number in 0..40_000_u32 {
            attempts.failed(&number.to_string(), Network(IpAddr::V4(number.into())), START);
            attempts.succeeded(&number.to_string(), Network(IpAddr::V4(number.into())));
        }
        assert!(attempts.users.len() <= REMEMBERED.get());
        assert_eq!((attempts.addresses.len(), attempts.proven.len()), (REMEMBERED.get(), REMEMBERED.get()));
        for _ in 0..100 {
            attempts.failed("joe", network("10.0.0.1"), Duration::MAX);
        }
    }
}
