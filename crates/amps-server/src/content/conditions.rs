//! The conditions of a request, and what they select (RFC 9110, section 13).

use std::{
    convert::Infallible,
    time::{Duration, SystemTime},
};

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method,
        header::{
            ACCEPT_ENCODING, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
        },
        request::Parts,
    },
};

use super::ranges::{ByteRange, Wanted, wanted};

/// What a request says of which bytes it wants, and when.
pub(crate) struct Asked {
    method: Method,
    accept_encoding: Option<HeaderValue>,
    if_match: Option<HeaderValue>,
    if_modified_since: Option<HeaderValue>,
    if_none_match: Option<HeaderValue>,
    if_range: Option<HeaderValue>,
    if_unmodified_since: Option<HeaderValue>,
    range: Option<HeaderValue>,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::new(parts.method.clone(), &parts.headers))
    }
}

impl Asked {
    /// The whole of it, whatever it is.
    pub(crate) fn unconditionally() -> Self {
        Self::new(Method::GET, &HeaderMap::new())
    }

    /// The same for something that has no parts.
    #[must_use]
    pub(crate) fn without_ranges(self) -> Self {
        Self { range: None, if_range: None, ..self }
    }

    fn new(method: Method, headers: &HeaderMap) -> Self {
        let header = |name: HeaderName| headers.get(name).cloned();
        Self {
            method,
            accept_encoding: list(headers, ACCEPT_ENCODING),
            if_match: list(headers, IF_MATCH),
            if_modified_since: header(IF_MODIFIED_SINCE),
            if_none_match: list(headers, IF_NONE_MATCH),
            if_range: header(IF_RANGE),
            if_unmodified_since: header(IF_UNMODIFIED_SINCE),
            range: header(RANGE),
        }
    }

    /// Whether the client wants more than the head.
    pub(super) fn is_get(&self) -> bool {
        self.method == Method::GET
    }

    /// Whether the client takes gzip (RFC 9110, section 12.5.3).
    pub(crate) fn takes_gzip(&self) -> bool {
        let Some(list) = text(self.accept_encoding.as_ref()) else { return false };
        let weight_of = |wanted: &str| {
            list.split(',').find_map(|item| {
                let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
                name.trim().eq_ignore_ascii_case(wanted).then(|| {
                    let weight = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
                    weight.is_ok_and(|weight| weight > 0.0)
                })
            })
        };
        weight_of("gzip").or_else(|| weight_of("x-gzip")).or_else(|| weight_of("*")).unwrap_or(false)
    }
}

/// A field that holds a list may come in several lines, which are one list (RFC 9110, section 5.3).
fn list(headers: &HeaderMap, name: HeaderName) -> Option<HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    let mut all = lines.next()?.clone();
    for line in lines {
        // What could stand in two lines can stand in one.
        all = HeaderValue::from_bytes(&[all.as_bytes(), b", ", line.as_bytes()].concat()).ok()?;
    }
    Some(all)
}

/// What of a content is to be answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Selected {
    Whole,
    Ranges(Vec<ByteRange>),
    /// The client has it already.
    Unchanged,
    /// It is not what the client expects it to be.
    Failed,
    NoSuchRange,
}

impl Selected {
    /// Whether the first byte is among what is answered: whoever goes on with a download has counted already.
    pub(super) fn has_first_byte(&self) -> bool {
        match self {
            Self::Whole => true,
            Self::Ranges(ranges) => ranges.iter().any(|range| range.start == 0),
            Self::Unchanged | Self::Failed | Self::NoSuchRange => false,
        }
    }
}

/// When a content was modified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Modified {
    pub(crate) at: SystemTime,
    pub(crate) validator: Validator,
}

/// What a date says of the bytes (RFC 9110, section 8.8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validator {
    /// Where it is the same, they are.
    Strong,
    /// They may have been made anew, with other bytes that mean the same: parts must not be put together by it.
    Weak,
}

/// Evaluates the conditions in their order (RFC 9110, section 13.2.2). `tag` has its quotes.
///
/// Dates must be the same, not just earlier: after a clock was set back, a new upload may be the older one.
pub(super) fn select(asked: &Asked, tag: &str, modified: Option<Modified>, total_bytes: u64) -> Selected {
    let is_get = asked.method == Method::GET;
    if !is_get && asked.method != Method::HEAD {
        return Selected::Whole;
    }
    match (text(asked.if_match.as_ref()), text(asked.if_unmodified_since.as_ref())) {
        (Some(list), _) if !names(list, tag, Comparison::Strong) => return Selected::Failed,
        (None, Some(date)) if is_other_date(date, modified) => return Selected::Failed,
        _ => {}
    }
    match (text(asked.if_none_match.as_ref()), text(asked.if_modified_since.as_ref())) {
        (Some(list), _) if names(list, tag, Comparison::Weak) => return Selected::Unchanged,
        (None, Some(date)) if is_date(date, modified) => return Selected::Unchanged,
        _ => {}
    }
    let Some(range) = text(asked.range.as_ref()).filter(|_| is_get) else { return Selected::Whole };
    let still_good = match text(asked.if_range.as_ref()) {
        None => asked.if_range.is_none(),
        Some(condition) if condition.contains('"') => names(condition, tag, Comparison::Strong),
        Some(date) => is_date(date, modified.filter(|modified| modified.validator == Validator::Strong)),
    };
    if !still_good {
        return Selected::Whole;
    }
    match wanted(range, total_bytes) {
        Wanted::Whole => Selected::Whole,
        Wanted::Ranges(ranges) => Selected::Ranges(ranges),
        Wanted::NoSuchRange => Selected::NoSuchRange,
    }
}

fn text(value: Option<&HeaderValue>) -> Option<&str> {
    value.and_then(|value| value.to_str().ok())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Strong,
    Weak,
}

/// Whether a list of tags has this one. A tag may hold commas; what is malformed names nothing.
fn names(list: &str, tag: &str, comparison: Comparison) -> bool {
    if list.trim() == "*" {
        return true;
    }
    let mut rest = list;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (is_weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |rest| (true, rest));
        let Some(end) = quoted.strip_prefix('"').and_then(|inner| inner.find('"')) else { return false };
        let (found, behind) = quoted.split_at(end + 2);
        if found == tag && (comparison == Comparison::Weak || !is_weak) {
            return true;
        }
        rest = behind;
    }
}

/// Whether it was modified at this date. Dates have seconds, and the content's has more.
fn is_date(date: &str, modified: Option<Modified>) -> bool {
    let (Ok(date), Some(modified)) = (httpdate::parse_http_date(date), modified) else { return false };
    modified.at.duration_since(date).is_ok_and(|more| more < Duration::from_secs(1))
}

fn is_other_date(date: &str, modified: Option<Modified>) -> bool {
    httpdate::parse_http_date(date).is_ok() && !is_date(date, modified)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: Method, headers: &[(&'static str, &'static str)]) -> Asked {
        let header = |&(name, value): &(&str, &'static str)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static(value))
        };
        Asked::new(method, &headers.iter().map(header).collect())
    }

    #[test]
    fn conditions_go_in_their_order() {
        use Selected::{Failed, NoSuchRange, Unchanged, Whole};
        const DATE: &str = "Sat, 21 Nov 2026 08:00:00 GMT";
        const LATER: &str = "Sat, 21 Nov 2026 08:00:01 GMT";
        let part = || Selected::Ranges(vec![ByteRange { start: 1, end: 3 }]);
        let at = httpdate::parse_http_date(DATE).unwrap() + Duration::from_millis(700);
        let modified = Modified { at, validator: Validator::Strong };
        let check = |headers: &[(&'static str, &'static str)], expected: Selected| {
            let found = select(&asked(Method::GET, headers), "\"a,b\"", Some(modified), 10);
            assert_eq!(found, expected, "{headers:?}");
        };
        check(&[], Whole);
        for unchanged in ["\"a,b\"", "W/\"a,b\"", "*", "\"x\", \"a,b\"", "\"x\" ,, W/\"a,b\", \"y\""] {
            check(&[("If-None-Match", unchanged)], Unchanged);
        }
        for other in ["\"a\"", "a,b", "\"b\", \"a\"", "", "\"a,b", "w/\"a,b\""] {
            check(&[("If-None-Match", other)], Whole);
        }
        check(&[("If-Modified-Since", DATE)], Unchanged);
        check(&[("If-Modified-Since", LATER)], Whole);
        check(&[("If-Modified-Since", "yesterday")], Whole);
        check(&[("If-None-Match", "\"x\""), ("If-Modified-Since", DATE)], Whole);
        check(&[("If-Match", "\"a,b\"")], Whole);
        check(&[("If-Match", "*")], Whole);
        check(&[("If-Match", "W/\"a,b\"")], Failed);
        check(&[("If-Match", "\"x\""), ("If-None-Match", "\"a,b\"")], Failed);
        check(&[("If-Unmodified-Since", DATE)], Whole);
        check(&[("If-Unmodified-Since", LATER)], Failed);
        check(&[("If-Unmodified-Since", "yesterday")], Whole);
        check(&[("Range", "bytes=1-2")], part());
        check(&[("Range", "bytes=10-")], NoSuchRange);
        check(&[("Range", "bytes=1-2"), ("If-Range", "\"a,b\"")], part());
        check(&[("Range", "bytes=1-2"), ("If-Range", "W/\"a,b\"")], Whole);
        check(&[("Range", "bytes=1-2"), ("If-Range", "\"x\"")], Whole);
        check(&[("Range", "bytes=1-2"), ("If-Range", DATE)], part());
        check(&[("Range", "bytes=1-2"), ("If-Range", LATER)], Whole);
        check(&[("Range", "bytes=10-"), ("If-Range", "\"x\"")], Whole);
        check(&[("Range", "bytes=1-2"), ("If-None-Match", "\"a,b\"")], Unchanged);
    }

    #[test]
    fn a_weak_date_does_not_put_parts_together() {
        const DATE: &str = "Sat, 21 Nov 2026 08:00:00 GMT";
        let at = httpdate::parse_http_date(DATE).unwrap();
        let selected = |validator, headers: &[(&'static str, &'static str)]| {
            select(&asked(Method::GET, headers), "\"t\"", Some(Modified { at, validator }), 10)
        };
        let resumed = [("Range", "bytes=1-2"), ("If-Range", DATE)];
        let part = Selected::Ranges(vec![ByteRange { start: 1, end: 3 }]);
        assert_eq!(selected(Validator::Strong, &resumed), part);
        assert_eq!(selected(Validator::Weak, &resumed), Selected::Whole);
        assert_eq!(selected(Validator::Weak, &[("If-Modified-Since", DATE)]), Selected::Unchanged);
    }

    #[test]
    fn a_list_may_come_in_lines() {
        for (first, second) in [("\"a\"", "\"t\""), ("\"t\"", "\"a\"")] {
            let asked = asked(Method::GET, &[("If-None-Match", first), ("If-None-Match", second)]);
            assert_eq!(select(&asked, "\"t\"", None, 10), Selected::Unchanged);
        }
        let asked = asked(Method::GET, &[("Accept-Encoding", "br"), ("Accept-Encoding", "gzip")]);
        assert!(asked.takes_gzip());
    }

    #[test]
    fn only_get_has_ranges_and_only_reading_has_conditions() {
        let headers = [("Range", "bytes=1-2"), ("If-None-Match", "\"t\"")];
        let selected = |method, headers| select(&asked(method, headers), "\"t\"", None, 10);
        assert_eq!(selected(Method::HEAD, &headers[..1]), Selected::Whole);
        assert_eq!(selected(Method::HEAD, &headers), Selected::Unchanged);
        assert_eq!(selected(Method::POST, &headers), Selected::Whole);
    }

    #[test]
    fn gzip_is_for_who_takes_it() {
        for (value, expected) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("br, *", true),
            ("x-gzip", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0, *", false),
            ("*;q=0", false),
            ("identity", false),
            ("gzip;q=many", false),
            ("", false),
        ] {
            assert_eq!(asked(Method::GET, &[("Accept-Encoding", value)]).takes_gzip(), expected, "{value}");
        }
        assert!(!asked(Method::GET, &[]).takes_gzip());
    }
}
