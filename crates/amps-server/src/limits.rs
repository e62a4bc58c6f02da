//! What keeps a server alive: how much of anything its clients may have, and for how long.

use std::time::Duration;

use amps_core::Limits;

pub use crate::rate::CreditLimits;

/// Upper bounds of a server. Each is inclusive; `docs/package-server.md`, "Limits", names them for people.
///
/// The defaults serve a few thousand devices from a small machine, and keep the memory that clients can take below about a
/// gigabyte if they do their worst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerLimits {
    /// How much of anything a package may have.
    pub package: Limits,
    /// Connections at the same time. Default 1,024. When they are all there, one that is idle is closed for a new one; if none
    /// is, new ones wait in the system's queue.
    pub connections: usize,
    /// Connections of one address, or of one IPv6 network of 64 bits, because a single host may have such a network. Default
    /// 768, three quarters: a whole workshop may stand behind one address, but others find room beside it. Behind a reverse proxy it must be as large as `connections`.
    pub connections_per_address: usize,
    /// Bytes of a request's head: request line and header. Default 32 KiB; a device sends a few hundred.
    pub head_bytes: usize,
    /// Fields of a request's header. Default 100; a device sends about ten.
    pub head_fields: usize,
    /// How long a client may take for a head, from its first byte (from the beginning, on a new connection), and then for a
    /// form. Default 30 seconds.
    pub head_time: Duration,
    /// How long a connection may be without a request. Default 75 seconds: longer than the 60 that proxies keep theirs, so that
    /// it is they who close.
    pub keep_alive: Duration,
    /// Requests in progress at the same time, of all connections. Default 2,048; with HTTP/2, connections alone bound nothing.
    pub requests: usize,
    /// Requests in progress at the same time on one HTTP/2 connection. Default 64.
    pub streams: usize,
    /// Uploads that are verified at the same time. Default 16. Each takes up to a core and some megabytes; while its client
    /// sends nothing, it leaves its place to others.
    pub concurrent_uploads: usize,
    /// Uploads that have begun and not ended. Default 128: each takes a thread, which sleeps while the client sends nothing.
    pub open_uploads: usize,
    /// How long an upload waits for another one to end, when there are `open_uploads`. Default 10 seconds.
    pub upload_wait: Duration,
    /// How long an upload may take from its head to its last byte. Default 1 hour.
    pub upload_time: Duration,
    /// How long an upload may send nothing; also how long it may send less than `upload_rate` before that is too slow. Default
    /// 60 seconds.
    pub upload_idle: Duration,
    /// Bytes per second that an upload must send. Default 1 KiB: half of what the slowest mobile networks have.
    pub upload_rate: u64,
    /// Uploads by tus that are remembered, those that have ended included: these make room for new ones. Default 256.
    pub partial_uploads: usize,
    /// Uploads by tus of one token that have not ended, or of one address without a token. Default 16.
    pub partial_uploads_per_caller: usize,
    /// Bytes that these are to have together when they are complete. Default 16 GiB.
    pub partial_upload_bytes: u64,
    /// How long an upload by tus is remembered, from its beginning. Default 1 day.
    pub partial_upload_time: Duration,
    /// Downloads at the same time; as many icons. Default 512: each takes an open file and a piece of 128 KiB, or an icon in
    /// memory.
    pub open_downloads: usize,
    /// How long a download may take. Default 24 hours.
    pub download_time: Duration,
    /// How long a client may take nothing of an answer; also how long it may take less than `download_rate`. Default 120
    /// seconds, because the system's buffer, of which nobody knows how full it is, empties in steps.
    pub download_idle: Duration,
    /// Bytes per second that a client must take of an answer. Default 1 KiB.
    pub download_rate: u64,
    /// What each client may spend: see there.
    pub credit: CreditLimits,
    /// How long the requests in progress have when the server is told to end. Default 30 seconds.
    pub shutdown: Duration,
    /// Bytes that the disk must have left for the server to be ready. Default 64 MiB: it does not take packages for long with
    /// less. Nothing is refused for that.
    pub ready_free_bytes: u64,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            package: Limits::default(),
            connections: 1024,
            connections_per_address: 768,
            head_bytes: 32 * 1024,
            head_fields: 100,
            head_time: Duration::from_secs(30),
            keep_alive: Duration::from_secs(75),
            requests: 2048,
            streams: 64,
            concurrent_uploads: 16,
            open_uploads: 128,
            upload_wait: Duration::from_secs(10),
            upload_time: Duration::from_hours(1),
            upload_idle: Duration::from_mins(1),
            upload_rate: 1024,
            partial_uploads: 256,
            partial_uploads_per_caller: 16,
            partial_upload_bytes: 16 << 30,
            partial_upload_time: Duration::from_hours(24),
            open_downloads: 512,
            download_time: Duration::from_hours(24),
            download_idle: Duration::from_mins(2),
            download_rate: 1024,
            credit: CreditLimits::default(),
            shutdown: Duration::from_secs(30),
            ready_free_bytes: 64 * 1024 * 1024,
        }
    }
}

impl ServerLimits {
    /// Whether each limit is one that a server can live with.
    pub fn check(&self) -> Result<(), InvalidLimit> {
        FIELDS.iter().try_for_each(|field| field.check((field.value)(self)))
    }

    /// Every limit: its name in `amps-config.yaml`, and its value there.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, u64)> {
        FIELDS.iter().map(|field| (field.name, (field.value)(self)))
    }

    /// Every limit that is not the default: its name in `amps-config.yaml`, and its value there.
    pub fn differing(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let default = Self::default();
        FIELDS.iter().filter_map(move |field| {
            let value = (field.value)(self);
            (value != (field.value)(&default)).then_some((field.name, value))
        })
    }
}

/// A limit under the name that it has in the configuration.
pub(crate) struct LimitField {
    pub(crate) name: &'static str,
    least: u64,
    most: u64,
    value: fn(&ServerLimits) -> u64,
    pub(crate) set: fn(&mut ServerLimits, u64),
}

impl LimitField {
    /// The one of a name.
    pub(crate) fn of(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name == name)
    }

    /// The names of all of them, for messages.
    pub(crate) fn names() -> String {
        FIELDS.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn check(&self, value: u64) -> Result<(), InvalidLimit> {
        if !(self.least..=self.most).contains(&value) {
            return Err(self.invalid(value.to_string()));
        }
        Ok(())
    }

    /// The error for a text that stands in the place of a number.
    pub(crate) fn invalid(&self, found: String) -> InvalidLimit {
        InvalidLimit { name: self.name, found, least: self.least, most: self.most }
    }
}

/// A limit that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limit `{name}` is {}: expected a number from {least} to {most}", ampkg::quoted(.found))]
pub struct InvalidLimit {
    /// Its name in the configuration.
    pub name: &'static str,
    /// What it was to be.
    pub found: String,
    /// The least that it can be.
    pub least: u64,
    /// The most.
    pub most: u64,
}

/// What a number of the configuration becomes.
trait Amount {
    fn of(number: u64) -> Self;
    fn number(&self) -> u64;
}

impl Amount for u64 {
    fn of(number: u64) -> Self {
        number
    }
    fn number(&self) -> u64 {
        *self
    }
}

impl Amount for usize {
    fn of(number: u64) -> Self {
        Self::try_from(number).unwrap_or(Self::MAX)
    }
    fn number(&self) -> u64 {
        u64::try_from(*self).unwrap_or(u64::MAX)
    }
}

impl Amount for u32 {
    fn of(number: u64) -> Self {
        Self::try_from(number).unwrap_or(Self::MAX)
    }
    fn number(&self) -> u64 {
        (*self).into()
    }
}

/// Seconds; less than one counts as one.
impl Amount for Duration {
    fn of(number: u64) -> Self {
        Self::from_secs(number)
    }
    fn number(&self) -> u64 {
        self.as_secs() + u64::from(self.subsec_nanos() > 0)
    }
}

macro_rules! field {
    ($name:literal, $least:expr, $most:expr, $($path:ident).+) => {
        LimitField {
            name: $name,
            least: $least,
            most: $most,
            value: |limits| Amount::number(&limits.$($path).+),
            set: |limits, number| limits.$($path).+ = Amount::of(number),
        }
    };
}

/// More of anything than this is no limit.
const MANY: u64 = 1_000_000;
const DAYS: u64 = 30 * 24 * 3600;
const TIB: u64 = 1 << 40;

static FIELDS: &[LimitField] = &[
    field!("packageBytes", 1, TIB, package.package_bytes),
    field!("unpackedBytes", 1, TIB, package.unpacked_bytes),
    field!("unpackedFreeBytes", 0, TIB, package.unpacked_free_bytes),
    field!("unpackedRatio", 1, MANY, package.unpacked_ratio),
    field!("connections", 1, MANY, connections),
    field!("connectionsPerAddress", 1, MANY, connections_per_address),
    field!("headBytes", 256, 1 << 20, head_bytes),
    field!("headFields", 1, 1000, head_fields),
    field!("headSeconds", 1, DAYS, head_time),
    field!("keepAliveSeconds", 1, DAYS, keep_alive),
    field!("requests", 1, MANY, requests),
    field!("streams", 1, 1000, streams),
    field!("concurrentUploads", 1, 256, concurrent_uploads),
    // Below the 512 threads that may block, so that some are left for everything else.
    field!("openUploads", 1, 384, open_uploads),
    field!("uploadWaitSeconds", 0, DAYS, upload_wait),
    field!("uploadSeconds", 1, DAYS, upload_time),
    field!("uploadIdleSeconds", 1, DAYS, upload_idle),
    field!("uploadBytesPerSecond", 1, TIB, upload_rate),
    field!("partialUploads", 1, 10_000, partial_uploads),
    field!("partialUploadsPerCaller", 1, 10_000, partial_uploads_per_caller),
    field!("partialUploadBytes", 1, TIB, partial_upload_bytes),
    field!("partialUploadSeconds", 1, DAYS, partial_upload_time),
    field!("openDownloads", 1, MANY, open_downloads),
    field!("downloadSeconds", 1, DAYS, download_time),
    field!("downloadIdleSeconds", 1, DAYS, download_idle),
    field!("downloadBytesPerSecond", 1, TIB, download_rate),
    field!("clientCredit", 1, MANY, credit.most),
    field!("clientCreditPerSecond", 0, MANY, credit.per_second),
    field!("listCredit", 0, MANY, credit.list),
    field!("downloadCredit", 0, MANY, credit.download),
    field!("downloadMebibyteCredit", 0, MANY, credit.mebibyte),
    field!("signatureCredit", 0, MANY, credit.signature),
    field!("uploadCredit", 0, MANY, credit.upload),
    field!("removalCredit", 0, MANY, credit.removal),
    field!("loginCredit", 0, MANY, credit.login),
    field!("shutdownSeconds", 0, DAYS, shutdown),
    field!("readyFreeBytes", 0, 1024 * TIB, ready_free_bytes),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_make_sense() {
        ServerLimits::default().check().unwrap();
        assert_eq!(ServerLimits::default().differing().count(), 0);
    }

    #[test]
    fn each_has_a_least_and_a_most() {
        for field in FIELDS {
            let check = |value| {
                let mut limits = ServerLimits::default();
                (field.set)(&mut limits, value);
                limits.check()
            };
            assert_eq!((check(field.least), check(field.most)), (Ok(()), Ok(())), "{}", field.name);
            let error = check(field.most + 1).unwrap_err();
            assert_eq!((error.name, error.least, error.most), (field.name, field.least, field.most));
            if let Some(less) = field.least.checked_sub(1) {
                assert_eq!(check(less).unwrap_err().found, less.to_string());
            }
        }
    }

    #[test]
    fn the_documentation_has_the_same_names_and_defaults() {
        let page = include_str!("../../../docs/package-server.md");
        let (_, page) = page.split_once("\n## Limits\n").unwrap();
        let (section, _) = page.split_once("\n## ").unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
        let mut documented: Vec<(&str, u64)> =
            rows.map(|(name, rest)| (name, rest.split(' ').next().unwrap().parse().unwrap())).collect();
        let default = ServerLimits::default();
        let mut known: Vec<(&str, u64)> =
            FIELDS.iter().map(|field| (field.name, (field.value)(&default))).collect();
        documented.sort_unstable();
        known.sort_unstable();
        assert_eq!(documented, known);
    }

    #[test]
    fn what_is_set_differs_under_its_name() {
        let limits = ServerLimits { connections: 7, head_time: Duration::from_secs(5), ..Default::default() };
        assert_eq!(limits.differing().collect::<Vec<_>>(), [("connections", 7), ("headSeconds", 5)]);
    }

    #[test]
    fn a_time_that_is_too_short_for_the_configuration_is_no_mistake() {
        let limits = ServerLimits { keep_alive: Duration::from_millis(1), ..Default::default() };
        limits.check().unwrap();
        let limits = ServerLimits { keep_alive: Duration::ZERO, ..Default::default() };
        assert_eq!(
            limits.check().unwrap_err().to_string(),
            "the limit `keepAliveSeconds` is `0`: expected a number from 1 to 2592000"
        );
    }
}
