//! Bytes as answers: conditions, ranges, lengths and names, the same for everything that can be fetched (RFC 9110).

mod body;
mod buffers;
mod conditions;
mod file_name;
mod package;
mod ranges;

use std::{borrow::Cow, sync::Arc};

use amps_core::{Blob, DownloadCounter};
use axum::{
    body::{Body, Bytes},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH,
            CONTENT_RANGE, CONTENT_TYPE, ETAG, LAST_MODIFIED, VARY,
        },
    },
    response::{IntoResponse, Response},
};

use self::{
    body::{ContentBody, Segment},
    conditions::{Modified, Selected, select},
    ranges::ByteRange,
};
use crate::answer::Problem;
pub(crate) use buffers::Buffers;
pub(crate) use conditions::Asked;

/// Something that can be fetched, wholly or in part.
pub(crate) struct Content {
    /// The first bytes of a blob, if there is one.
    pub(crate) stored: Option<(Arc<dyn Blob>, u64)>,
    /// What stands behind them.
    pub(crate) end: Bytes,
    /// Names the bytes: whatever has the same tag is the same, byte for byte. Without the quotes.
    pub(crate) tag: String,
    /// When it was made, if that is known.
    pub(crate) modified: Option<Modified>,
    /// Its media type.
    pub(crate) media_type: Cow<'static, str>,
    /// The name under which it is to be saved.
    pub(crate) file_name: Option<String>,
    /// How it is encoded, if it is.
    pub(crate) encoding: Encoding,
    /// Counts whoever begins to get it, if that is counted.
    pub(crate) counter: Option<DownloadCounter>,
}

/// Whether a text comes compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Never.
    Fixed,
    /// Not this time, but if it is asked for.
    Plain,
    /// By gzip.
    Gzip,
}

impl Content {
    /// The answer to a request for it.
    pub(crate) fn answer(self, asked: &Asked, buffers: &Arc<Buffers>) -> Response {
        let total = self.total_bytes();
        let tag = format!("\"{}\"", self.tag);
        let mut headers = HeaderMap::with_capacity(10);
        set(&mut headers, ETAG, &tag);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Some(modified) = self.modified {
            set(&mut headers, LAST_MODIFIED, &httpdate::fmt_http_date(modified.at));
        }
        if self.encoding != Encoding::Fixed {
            headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        let selected = select(asked, &tag, self.modified, total);
        let is_begun = asked.is_get() && selected.has_first_byte();
        let (status, body) = match selected {
            Selected::Unchanged => return answer(StatusCode::NOT_MODIFIED, headers, Body::empty()),
            Selected::Failed => {
                return (
                    headers,
                    Problem {
                        status: StatusCode::PRECONDITION_FAILED,
                        code: "precondition-failed",
                        message: "it is not, or not any more, what the request expects it to be".into(),
                    },
                )
                    .into_response();
            }
            Selected::NoSuchRange => {
                set(&mut headers, CONTENT_RANGE, &format!("bytes */{total}"));
                return (
                    headers,
                    Problem {
                        status: StatusCode::RANGE_NOT_SATISFIABLE,
                        code: "no-such-range",
                        message: format!("there is nothing in that range: expected one within {total} bytes"),
                    },
                )
                    .into_response();
            }
            Selected::Whole => (StatusCode::OK, self.part(ByteRange { start: 0, end: total })),
            Selected::Ranges(ranges) => {
                let segments = match ranges.as_slice() {
                    [range] => {
                        set(&mut headers, CONTENT_RANGE, &range.content_range(total));
                        self.part(*range)
                    }
                    ranges => self.parts(ranges, &mut headers),
                };
                (StatusCode::PARTIAL_CONTENT, segments)
            }
        };
        if let Some(counter) = self.counter.as_ref().filter(|_| is_begun) {
            counter.one_more();
        }
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if !headers.contains_key(CONTENT_TYPE) {
            set(&mut headers, CONTENT_TYPE, &self.media_type);
        }
        if self.encoding == Encoding::Gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Some(name) = &self.file_name {
            set(&mut headers, CONTENT_DISPOSITION, &file_name::attachment(name));
        }
        let body = ContentBody::new(body, Arc::clone(buffers));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.left_bytes()));
        answer(status, headers, Body::new(body))
    }

    fn total_bytes(&self) -> u64 {
        self.stored.as_ref().map_or(0, |(_, keep_bytes)| *keep_bytes) + self.end.len() as u64
    }

    /// Where the bytes of a range come from.
    fn part(&self, range: ByteRange) -> Vec<Segment> {
        let mut segments = Vec::with_capacity(2);
        let mut offset = 0;
        if let Some((blob, keep_bytes)) = &self.stored {
            offset = *keep_bytes;
            if range.start < range.end.min(offset) {
                let blob = Arc::clone(blob);
                segments.push(Segment::Stored { blob, start: range.start, end: range.end.min(offset) });
            }
        }
        if range.end > offset {
            let at = |place: u64| usize::try_from(place.saturating_sub(offset)).unwrap_or(usize::MAX);
            segments.push(Segment::Bytes(self.end.slice(at(range.start)..at(range.end).min(self.end.len()))));
        }
        segments
    }

    /// Several ranges, each with a head of its own (RFC 9110, section 14.6).
    fn parts(&self, ranges: &[ByteRange], headers: &mut HeaderMap) -> Vec<Segment> {
        let total = self.total_bytes();
        // Whoever made the bytes could not know their hash, so they do not hold it.
        let boundary: String = self.tag.chars().take(32).collect();
        set(headers, CONTENT_TYPE, &format!("multipart/byteranges; boundary={boundary}"));
        let mut segments = Vec::with_capacity(ranges.len() * 3 + 1);
        for range in ranges {
            let head = format!(
                "\r\n--{boundary}\r\nContent-Type: {}\r\nContent-Range: {}\r\n\r\n",
                self.media_type,
                range.content_range(total)
            );
            segments.push(Segment::Bytes(head.into()));
            segments.extend(self.part(*range));
        }
        segments.push(Segment::Bytes(format!("\r\n--{boundary}--\r\n").into()));
        segments
    }
}

/// Sets a header to a text that is made here, of what may stand in headers.
fn set(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

fn answer(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}
