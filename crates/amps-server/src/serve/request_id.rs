//! The name of a request, by which its answer, its log lines and its client's report find each other.

use std::{
    hash::{BuildHasher as _, RandomState},
    io::Write as _,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries it.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Characters that an id from outside may have; a UUID has 36.
const MOST_CHARACTERS: usize = 64;

/// Makes ids.
pub(super) struct RequestIds {
    /// Tells this run of the server from others.
    run: u32,
}

impl RequestIds {
    pub(super) fn new() -> Self {
        let random = RandomState::new().hash_one("amps") & u64::from(u32::MAX);
        Self { run: u32::try_from(random).unwrap_or_default() }
    }

    /// The id that the client has given the request, if it can stand in a log; else one that no other request has.
    pub(super) fn id(&self, headers: &HeaderMap, connection: u64, request: u64) -> HeaderValue {
        match headers.get(X_REQUEST_ID) {
            Some(id) if is_sane(id.as_bytes()) => id.clone(),
            _ => self.make(connection, request),
        }
    }

    fn make(&self, connection: u64, request: u64) -> HeaderValue {
        let mut id = [0; 8 + 1 + 16 + 1 + 16];
        let mut rest = id.as_mut_slice();
        // It fits, and hexadecimal digits can stand in a header.
        let _ = write!(rest, "{:08x}-{connection:x}-{request:x}", self.run);
        let unused = rest.len();
        let id = id.get(..id.len() - unused).unwrap_or_default();
        HeaderValue::from_bytes(id).unwrap_or(HeaderValue::from_static("none"))
    }
}

fn is_sane(id: &[u8]) -> bool {
    let is_harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=MOST_CHARACTERS).contains(&id.len()) && id.iter().all(is_harmless)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(given: &str) -> HeaderValue {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, HeaderValue::from_bytes(given.as_bytes()).unwrap());
        RequestIds { run: 0xabc }.id(&headers, 16, 1)
    }

    #[test]
    fn a_sane_one_is_kept() {
        for given in ["a", "6f1c2b1e-5d0e-4c55-9a0c-0242ac120002", "A_b.9", &"x".repeat(64)] {
            assert_eq!(id(given), given);
        }
    }

    #[test]
    fn any_other_is_replaced() {
        for given in ["", " ", "a b", "a\tb", "a\"b", "ä", "a,b", &"x".repeat(65)] {
            assert_eq!(id(given), "00000abc-10-1", "{given:?}");
        }
        assert_eq!(RequestIds { run: 1 }.id(&HeaderMap::new(), 2, 3), "00000001-2-3");
    }
}
