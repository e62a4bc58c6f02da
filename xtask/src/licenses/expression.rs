//! Licence expressions: SPDX 3.0, annex "SPDX license expressions", and the old `MIT/Apache-2.0`.

use std::fmt;

/// Deeper nesting than any licence text has; the parser calls itself once per bracket.
const MAX_DEPTH: usize = 32;

/// An expression over licence names. `X WITH Y` is a name of its own: an exception changes a licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    License(String),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

/// What stood where something else was expected.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ParseError {
    expected: &'static str,
    found: Option<String>,
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.found {
            Some(found) => write!(formatter, "expected {}, found `{found}`", self.expected),
            None => write!(formatter, "expected {}, found the end", self.expected),
        }
    }
}

impl Expression {
    /// `AND` binds tighter than `OR`, `WITH` tighter than both; `/` is an old `OR`.
    pub(super) fn parse(text: &str) -> Result<Self, ParseError> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let mut words = spaced.split_whitespace().peekable();
        let expression = any(&mut words, 0)?;
        match words.next() {
            None => Ok(expression),
            Some(word) => {
                Err(ParseError { expected: "`AND`, `OR` or the end", found: Some(word.to_owned()) })
            }
        }
    }

    /// Whether the licences for which `is_allowed` says yes are enough.
    pub(super) fn is_satisfied(&self, is_allowed: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::License(name) => is_allowed(name),
            Self::All(parts) => parts.iter().all(|part| part.is_satisfied(is_allowed)),
            Self::Any(parts) => parts.iter().any(|part| part.is_satisfied(is_allowed)),
        }
    }
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>, depth: usize) -> Result<Expression, ParseError> {
    let mut parts = vec![all(words, depth)?];
    while words.next_if_eq(&"OR").is_some() {
        parts.push(all(words, depth)?);
    }
    Ok(single_or(parts, Expression::Any))
}

fn all(words: &mut Words<'_>, depth: usize) -> Result<Expression, ParseError> {
    let mut parts = vec![term(words, depth)?];
    while words.next_if_eq(&"AND").is_some() {
        parts.push(term(words, depth)?);
    }
    Ok(single_or(parts, Expression::All))
}

/// A licence, with its exception if it has one, or an expression in brackets.
fn term(words: &mut Words<'_>, depth: usize) -> Result<Expression, ParseError> {
    if words.next_if_eq(&"(").is_some() {
        if depth == MAX_DEPTH {
            return Err(ParseError { expected: "fewer brackets", found: Some("(".to_owned()) });
        }
        let inner = any(words, depth + 1)?;
        return match words.next() {
            Some(")") => Ok(inner),
            found => Err(ParseError { expected: "`)`", found: found.map(ToOwned::to_owned) }),
        };
    }
    let license = name(words, "a licence")?;
    if words.next_if_eq(&"WITH").is_none() {
        return Ok(Expression::License(license));
    }
    let exception = name(words, "an exception")?;
    Ok(Expression::License(format!("{license} WITH {exception}")))
}

fn name(words: &mut Words<'_>, expected: &'static str) -> Result<String, ParseError> {
    let is_name = |word: &&str| !matches!(*word, "AND" | "OR" | "WITH" | "(" | ")");
    match words.next() {
        Some(word) if is_name(&word) => Ok(word.to_owned()),
        found => Err(ParseError { expected, found: found.map(ToOwned::to_owned) }),
    }
}

fn single_or(mut parts: Vec<Expression>, several: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            several(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_satisfied(text: &str, allowed: &[&str]) -> bool {
        Expression::parse(text).unwrap().is_satisfied(&|name| allowed.contains(&name))
    }

    #[test]
    fn one_of_or_is_enough_and_needs_all() {
        for (text, allowed, expected) in [
            ("MIT", &["MIT"][..], true),
            ("MIT", &["ISC"], false),
            ("MIT OR Apache-2.0", &["Apache-2.0"], true),
            ("MIT/Apache-2.0", &["Apache-2.0"], true),
            ("Apache-2.0 / MIT", &["MIT"], true),
            ("MIT AND BSD-3-Clause", &["MIT"], false),
            ("MIT AND BSD-3-Clause", &["MIT", "BSD-3-Clause"], true),
        ] {
            assert_eq!(is_satisfied(text, allowed), expected, "{text} with {allowed:?}");
        }
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert!(is_satisfied("A OR B AND C", &["A"]));
        assert!(!is_satisfied("A OR B AND C", &["B"]));
        assert!(!is_satisfied("(A OR B) AND C", &["A"]));
        assert!(is_satisfied("(A OR B) AND C", &["B", "C"]));
        assert!(is_satisfied("((A))", &["A"]));
    }

    #[test]
    fn an_exception_makes_another_licence() {
        let text = "Apache-2.0 WITH LLVM-exception OR GPL-3.0-only";
        assert!(is_satisfied(text, &["Apache-2.0 WITH LLVM-exception"]));
        assert!(!is_satisfied(text, &["Apache-2.0", "LLVM-exception"]));
    }

    #[test]
    fn refuses_what_is_no_expression() {
        for (text, expected) in [
            ("", "expected a licence, found the end"),
            ("MIT OR", "expected a licence, found the end"),
            ("OR MIT", "expected a licence, found `OR`"),
            ("MIT Apache-2.0", "expected `AND`, `OR` or the end, found `Apache-2.0`"),
            ("(MIT", "expected `)`, found the end"),
            ("MIT)", "expected `AND`, `OR` or the end, found `)`"),
            ("()", "expected a licence, found `)`"),
            ("MIT WITH", "expected an exception, found the end"),
            ("(MIT) WITH LLVM-exception", "expected `AND`, `OR` or the end, found `WITH`"),
        ] {
            assert_eq!(Expression::parse(text).unwrap_err().to_string(), expected, "{text:?}");
        }
    }

    #[test]
    fn the_depth_limit_is_inclusive() {
        let nested = |depth: usize| format!("{}MIT{}", "(".repeat(depth), ")".repeat(depth));
        assert!(Expression::parse(&nested(MAX_DEPTH)).is_ok());
        assert!(Expression::parse(&nested(MAX_DEPTH + 1)).is_err());
    }
}
