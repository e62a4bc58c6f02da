//! What a request says about who sends it: the header `Authorization`.

use amps_core::accounts::{API_TOKEN_PREFIX, ApiToken};
use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::{Engine as _, prelude::BASE64_STANDARD};

/// Bytes in the value of the header that are looked at, inclusive: a token with a long name before it.
const MAX_VALUE_BYTES: usize = 1024;

/// What the password of Basic authentication (RFC 7617) can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passwords {
    /// A token.
    Tokens,
    /// A token, or a user's password, which is a matter of the route: the routes that know of none pass it over, as the Django
    /// server does.
    TokensAndUsers,
}

/// What a request says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Credentials {
    /// Nothing, or nothing that matters here.
    Absent,
    /// Something that has the form of a token.
    Token(ApiToken),
    /// Something else.
    Wrong,
}

/// Reads the header. A client that sends two says nothing that could be relied upon.
pub(super) fn credentials(headers: &HeaderMap, passwords: Passwords) -> Credentials {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, others) = (values.next(), values.next());
    let Some(value) = value else { return Credentials::Absent };
    if others.is_some() {
        return Credentials::Wrong;
    }
    let text = value.to_str().ok().and_then(|text| text.split_once(' '));
    match text {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            token.trim().parse().map_or(Credentials::Wrong, Credentials::Token)
        }
        Some((scheme, encoded)) if scheme.eq_ignore_ascii_case("basic") => {
            let is_token = |password: &String| password.starts_with(API_TOKEN_PREFIX);
            match password(encoded.trim()) {
                Some(password) if passwords == Passwords::Tokens || is_token(&password) => {
                    password.parse().map_or(Credentials::Wrong, Credentials::Token)
                }
                None if passwords == Passwords::Tokens => Credentials::Wrong,
                _ => Credentials::Absent,
            }
        }
        _ if passwords == Passwords::Tokens => Credentials::Wrong,
        _ => Credentials::Absent,
    }
}

/// What stands behind the first colon.
fn password(encoded: &str) -> Option<String> {
    if encoded.len() > MAX_VALUE_BYTES {
        return None;
    }
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    Some(text.split_once(':')?.1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_bearers_or_a_password() {
        let token = ApiToken::generate().unwrap();
        let text = token.reveal();
        let basic = |pair: &str| format!("Basic {}", BASE64_STANDARD.encode(pair));
        let long = basic(&format!("{}:{text}", "x".repeat(1000)));
        // The value, and whether it is the token, absent or wrong: for a package server, and for a deployment server.
        for (value, package, deployment) in [
            (None, "absent", "absent"),
            (Some(format!("Bearer {text}")), "token", "token"),
            (Some(format!("bEARER   {text}")), "token", "token"),
            (Some(basic(&format!("x:{text}"))), "token", "token"),
            (Some(basic(&format!(":{text}"))), "token", "token"),
            (Some(basic(&format!("x:{text}A"))), "wrong", "wrong"),
            (Some(format!("Bearer {text}A")), "wrong", "wrong"),
            (Some("Bearer ".into()), "wrong", "wrong"),
            (Some(basic("ada:open sesame")), "wrong", "absent"),
            (Some(basic(&format!("{text}:"))), "wrong", "absent"),
            (Some("Basic !".into()), "wrong", "absent"),
            (Some(long), "wrong", "absent"),
            (Some(text.clone()), "wrong", "absent"),
            (Some("Digest username=\"a\"".into()), "wrong", "absent"),
            (Some(String::new()), "wrong", "absent"),
        ] {
            let headers: HeaderMap =
                value.iter().map(|value| (AUTHORIZATION, value.parse().unwrap())).collect();
            for (passwords, expected) in
                [(Passwords::Tokens, package), (Passwords::TokensAndUsers, deployment)]
            {
                let expected = match expected {
                    "token" => Credentials::Token(token.clone()),
                    "wrong" => Credentials::Wrong,
                    _ => Credentials::Absent,
                };
                assert_eq!(credentials(&headers, passwords), expected, "{value:?} {passwords:?}");
            }
        }
        let mut twice = HeaderMap::new();
        twice.append(AUTHORIZATION, format!("Bearer {text}").parse().unwrap());
        twice.append(AUTHORIZATION, format!("Bearer {text}").parse().unwrap());
        assert_eq!(credentials(&twice, Passwords::TokensAndUsers), Credentials::Wrong);
    }
}
