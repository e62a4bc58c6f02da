//! Whether the clock can be right: signatures and certificates depend on it.

use super::super::Finding;
use crate::{clock::Timestamp, signing::SigningError};

/// 2026-01-01T00:00:00Z: before this program was written.
const EARLIEST: Timestamp = Timestamp(1_767_225_600);
/// 2100-01-01T00:00:00Z.
const LATEST: Timestamp = Timestamp(4_102_444_800);
/// How far behind the last upload it may be, in seconds: clocks are set.
const SET_BACK_SECONDS: i64 = 300;

/// Compares the clock with what must be so, and with the last upload.
pub fn clock(now: Timestamp, last_upload: Option<Timestamp>) -> Finding {
    let advice = "set the clock, and let the system keep it right (NTP)";
    if now < EARLIEST || LATEST < now {
        return Finding::problem(
            "clock",
            "clock",
            format!("it says {}, which cannot be", words(now)),
            advice,
        );
    }
    match last_upload {
        Some(last) if now.0.saturating_add(SET_BACK_SECONDS) < last.0 => {
            let message = format!("it says {}, but the last upload was at {}", words(now), words(last));
            Finding::warning("clock", "clock", message, advice)
        }
        _ => Finding::ok("clock", "clock", format!("it says {}", words(now))),
    }
}

fn words(time: Timestamp) -> String {
    let time: Result<amps_pki::Timestamp, SigningError> = time.for_certificates();
    time.map_or_else(|_| "a time before 1970 or after 9999".into(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::{super::super::Level, *};

    #[test]
    fn a_clock_that_cannot_be_right_is_a_problem() {
        let upload = Timestamp(1_800_000_000);
        for (now, last, level, words) in [
            (0, None, Level::Problem, "it says 1970-01-01T00:00:00Z, which cannot be"),
            (-1, None, Level::Problem, "before 1970"),
            (EARLIEST.0 - 1, None, Level::Problem, "2025-12-31T23:59:59Z"),
            (EARLIEST.0, None, Level::Ok, "2026-01-01T00:00:00Z"),
            (LATEST.0, None, Level::Ok, "2100-01-01T00:00:00Z"),
            (LATEST.0 + 1, None, Level::Problem, "2100-01-01T00:00:01Z"),
            (upload.0 - 300, Some(upload), Level::Ok, "it says"),
            (upload.0 - 301, Some(upload), Level::Warning, "but the last upload was at 2027-01-15T08:00:00Z"),
        ] {
            let finding = clock(Timestamp(now), last);
            assert!(finding.level == level && finding.message.contains(words), "{now}: {finding:?}");
        }
    }
}
