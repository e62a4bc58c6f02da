//! Moments and days, as people name them.

use std::str::FromStr;

use crate::clock::Timestamp;

/// A moment as RFC 3339 has it (`2026-11-21T07:00:00Z`), or a day (`2026-11-21`), which begins at midnight (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

/// What is neither a moment nor a day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} is neither a day nor a moment: expected one like `2026-11-21` or `2026-11-21T07:00:00Z`",
    ampkg::quoted(.found)
)]
pub struct InvalidMoment {
    /// What was given.
    pub found: String,
}

impl FromStr for Moment {
    type Err = InvalidMoment;

    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        parse(text).map(Self).ok_or_else(|| InvalidMoment { found: text.into() })
    }
}

fn parse(text: &str) -> Option<Timestamp> {
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let parts = whole.as_bytes();
    let is_laid_out = parts.len() == 20
        && parts.iter().zip(b"dddd-dd-ddTdd:dd:ddZ").all(|(found, expected)| match expected {
            b'd' => found.is_ascii_digit(),
            expected => found == expected,
        });
    if !is_laid_out {
        return None;
    }
    let number = |from: usize, to: usize| whole.get(from..to)?.parse::<i64>().ok();
    let days = days(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let time = Timestamp(days * 86_400 + number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?);
    // The 31st of February is not printed as it was given.
    (time.to_string() == whole).then_some(time)
}

/// Days since 1970-01-01 in the Gregorian calendar, whose years are counted from March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400),
            ("2026-11-21", 1_795_219_200),
            ("2026-11-21T07:12:50Z", 1_795_245_170),
        ] {
            assert_eq!(text.parse(), Ok(Moment(Timestamp(seconds))), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_and_no_moment_is_refused() {
        for text in [
            "",
            "2026",
            "2026-00-01",
            "2026-02-30",
            "2026-13-01",
            "2026-11-21T25:00:00Z",
            "2026-11-21T07:12:50",
            "2026-11-21T07:12:50+",
            "21.11.2026",
            "2026-1é-21",
        ] {
            text.parse::<Moment>().unwrap_err();
        }
        assert_eq!(
            "x".parse::<Moment>().unwrap_err().to_string(),
            "`x` is neither a day nor a moment: expected one like `2026-11-21` or `2026-11-21T07:00:00Z`"
        );
    }
}
