//! A point in time as certificates state it.

use std::fmt::{self, Display};
use std::time::Duration;

use der::DateTime;
use der::asn1::{GeneralizedTime, UtcTime};
use x509_cert::time::Time;

/// A point in time, to the second, in UTC, from 1970 to 9999.
///
/// Shown as in RFC 3339: `2026-11-21T00:10:33Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(DateTime);

impl Timestamp {
    /// The point in time that many seconds after 1970-01-01T00:00:00Z; `None` after the year 9999.
    pub fn from_unix_seconds(seconds: u64) -> Option<Self> {
        DateTime::from_unix_duration(Duration::from_secs(seconds)).ok().map(Self)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> u64 {
        self.0.unix_duration().as_secs()
    }
}

/// As RFC 5280 section 4.1.2.5 and RFC 5652 section 11.3 want it: two digits of the year before 2050.
impl From<Timestamp> for Time {
    fn from(timestamp: Timestamp) -> Self {
        match UtcTime::from_date_time(timestamp.0) {
            Ok(time) => Self::UtcTime(time),
            Err(_) => Self::GeneralTime(GeneralizedTime::from_date_time(timestamp.0)),
        }
    }
}

impl From<Time> for Timestamp {
    fn from(time: Time) -> Self {
        Self(time.to_date_time())
    }
}

impl Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_text_agree() {
        // As `date -u -d TEXT +%s` says.
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-21T00:10:33Z", 1_795_219_833),
            ("2126-10-28T00:10:33Z", 4_948_819_833),
        ] {
            let timestamp = Timestamp::from(text.parse::<Time>().unwrap());
            assert_eq!(timestamp.to_string(), text);
            assert_eq!(timestamp.unix_seconds(), seconds, "{text}");
            assert_eq!(Timestamp::from_unix_seconds(seconds), Some(timestamp));
        }
    }

    #[test]
    fn the_last_second_is_in_the_year_9999() {
        let last = Timestamp::from_unix_seconds(253_402_300_799).unwrap();
        assert_eq!(last.to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(Timestamp::from_unix_seconds(253_402_300_800), None);
        assert_eq!(Timestamp::from_unix_seconds(u64::MAX), None);
    }

    #[test]
    fn years_have_four_digits_from_2050_on() {
        let time = |seconds| Time::from(Timestamp::from_unix_seconds(seconds).unwrap());
        assert!(matches!(time(2_524_607_999), Time::UtcTime(_)));
        assert!(matches!(time(2_524_608_000), Time::GeneralTime(_)));
    }
}
