//! The header `Range` (RFC 9110, section 14).

/// Ranges that one request may ask for, after those that touch were joined. Readers of packages need one, of media a few; more
/// is an attempt to make work, and answered with the whole.
const MOST_RANGES: usize = 32;

/// A range of bytes, not empty: from `start` up to and without `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ByteRange {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl ByteRange {
    /// As the header `Content-Range` has it.
    pub(super) fn content_range(self, total_bytes: u64) -> String {
        format!("bytes {}-{}/{total_bytes}", self.start, self.end.saturating_sub(1))
    }
}

/// What a `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Nothing that has to be heeded: another unit, a defect, too many ranges, or no less than everything.
    Whole,
    /// These, in the order that they were asked for.
    Ranges(Vec<ByteRange>),
    /// Nothing of what is there.
    NoSuchRange,
}

/// Reads the header's value for something of this length.
pub(super) fn wanted(value: &str, total_bytes: u64) -> Wanted {
    let Some((unit, list)) = value.split_once('=') else { return Wanted::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    let mut ranges: Vec<ByteRange> = Vec::new();
    let mut is_empty = true;
    for text in list.split(',').map(|text| text.trim_matches([' ', '\t'])).filter(|text| !text.is_empty()) {
        is_empty = false;
        match range(text, total_bytes) {
            Err(Malformed) => return Wanted::Whole,
            Ok(None) => {}
            Ok(Some(range)) => join(&mut ranges, range),
        }
        if ranges.len() > MOST_RANGES {
            return Wanted::Whole;
        }
    }
    match ranges.as_slice() {
        _ if is_empty => Wanted::Whole,
        [] => Wanted::NoSuchRange,
        _ => Wanted::Ranges(ranges),
    }
}

/// No range at all.
struct Malformed;

/// One range; none if it lies behind the end.
fn range(text: &str, total_bytes: u64) -> Result<Option<ByteRange>, Malformed> {
    let (first, last) = text.split_once('-').ok_or(Malformed)?;
    if first.is_empty() {
        let length = number(last)?.min(total_bytes);
        let range = ByteRange { start: total_bytes - length, end: total_bytes };
        return Ok((length > 0).then_some(range));
    }
    let start = number(first)?;
    let end = match last {
        "" => total_bytes,
        last => match number(last)? {
            last if last < start => return Err(Malformed),
            last => last.saturating_add(1).min(total_bytes),
        },
    };
    Ok((start < total_bytes).then_some(ByteRange { start, end }))
}

/// Digits alone; a number that is too large for any file is one beyond its end.
fn number(text: &str) -> Result<u64, Malformed> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Malformed);
    }
    Ok(text.parse().unwrap_or(u64::MAX))
}

/// Adds a range to the others. Those that touch are sent once: overlapping ranges must not make an answer larger than the whole.
fn join(ranges: &mut Vec<ByteRange>, mut new: ByteRange) {
    // What was joined may touch others then.
    while let Some(at) = ranges.iter().position(|old| old.start <= new.end && new.start <= old.end) {
        let old = ranges.remove(at);
        new = ByteRange { start: old.start.min(new.start), end: old.end.max(new.end) };
    }
    ranges.push(new);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(value: &str) -> Vec<(u64, u64)> {
        match wanted(value, 100) {
            Wanted::Ranges(ranges) => ranges.iter().map(|range| (range.start, range.end)).collect(),
            other => panic!("{value}: {other:?}"),
        }
    }

    #[test]
    fn ranges_are_read() {
        for (value, expected) in [
            ("bytes=0-0", &[(0, 1)][..]),
            ("bytes=0-99", &[(0, 100)]),
            ("bytes=0-", &[(0, 100)]),
            ("bytes=99-", &[(99, 100)]),
            ("bytes=-1", &[(99, 100)]),
            ("bytes=-100", &[(0, 100)]),
            ("bytes=-1000", &[(0, 100)]),
            ("bytes=90-1000", &[(90, 100)]),
            ("bytes=90-99999999999999999999999", &[(90, 100)]),
            ("BYTES= 1-2 , 5-6,\t9-9,", &[(1, 3), (5, 7), (9, 10)]),
            ("bytes=5-6,1-2", &[(5, 7), (1, 3)]),
            ("bytes=5-6,100-", &[(5, 7)]),
            // Those that overlap or touch are one.
            ("bytes=0-9,5-14,15-20", &[(0, 21)]),
            ("bytes=0-1,4-5,2-3", &[(0, 6)]),
            ("bytes=0-,0-,0-,0-", &[(0, 100)]),
        ] {
            assert_eq!(ranges(value), expected, "{value}");
        }
    }

    #[test]
    fn what_is_malformed_or_too_much_is_not_heeded() {
        for value in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=a-b",
            "bytes=1",
            "bytes=5-4",
            "bytes=+1-2",
            "bytes=1-2-3",
            "bytes=1-2;3-4",
            "lines=1-2",
            "bytes=0x1-2",
            "bytes=1-2,x",
        ] {
            assert_eq!(wanted(value, 100), Wanted::Whole, "{value}");
        }
        let apart = |count: usize| {
            let list: Vec<String> = (0..count).map(|index| format!("{}-{}", index * 3, index * 3)).collect();
            format!("bytes={}", list.join(","))
        };
        assert_eq!(ranges(&apart(MOST_RANGES)).len(), MOST_RANGES);
        assert_eq!(wanted(&apart(MOST_RANGES + 1), 100), Wanted::Whole);
    }

    #[test]
    fn what_lies_behind_the_end_is_not_there() {
        for value in
            ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999-", "bytes=-0,200-"]
        {
            assert_eq!(wanted(value, 100), Wanted::NoSuchRange, "{value}");
        }
        for value in ["bytes=0-", "bytes=-1", "bytes=0-0"] {
            assert_eq!(wanted(value, 0), Wanted::NoSuchRange, "{value}");
        }
    }
}
