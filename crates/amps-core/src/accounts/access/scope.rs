//! The packages that a token is for.

use ampkg::PackageId;

use super::PackagePattern;

/// Patterns in a scope, inclusive.
pub const MAX_PATTERNS: usize = 64;

/// The packages that a token is for: all, or those whose ids fit one of some patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageScope(Vec<PackagePattern>);

/// More patterns than a scope has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are {found} patterns, expected at most {MAX_PATTERNS}")]
pub struct TooManyPatterns {
    /// How many there are.
    pub found: usize,
}

impl PackageScope {
    /// What fits one of these; everything, if there are none.
    pub fn new(patterns: Vec<PackagePattern>) -> Result<Self, TooManyPatterns> {
        match patterns.len() {
            found if found > MAX_PATTERNS => Err(TooManyPatterns { found }),
            _ => Ok(Self(patterns)),
        }
    }

    /// Whether it is all packages.
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it has a package.
    pub fn has(&self, id: &PackageId) -> bool {
        self.is_all() || self.0.iter().any(|pattern| pattern.fits(id))
    }

    /// The patterns; none for all packages.
    pub fn patterns(&self) -> &[PackagePattern] {
        &self.0
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn without_patterns_it_is_everything() {
        let patterns = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let has =
            |texts: &[&str], id: &str| PackageScope::new(patterns(texts)).unwrap().has(&id.parse().unwrap());
        assert!(has(&[], "a.b"));
        assert!(has(&["x", "a.*"], "a.b"));
        assert!(!has(&["x", "a.*"], "b.a"));
        assert!(has(&["*"], "b.a"));
        assert!(PackageScope::new(patterns(&["a"; MAX_PATTERNS])).is_ok());
        let error = PackageScope::new(patterns(&["a"; MAX_PATTERNS + 1])).unwrap_err();
        assert_eq!(error.to_string(), "there are 65 patterns, expected at most 64");
    }
}
