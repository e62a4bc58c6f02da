//! A point in time as certificates state it.

use std::fmt::{self, Display};

use der::DateTime;
use x509_cert::time::Time;

/// A point in time, to the second, in UTC, from 1970 to 9999.
///
/// Shown as in RFC 3339: `2026-11-21T00:10:33Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(DateTime);

impl Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> u64 {
        self.0.unix_duration().as_secs()
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
        }
    }
}
