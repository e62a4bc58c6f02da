//! `retention:` in `amps-config.yaml`: which releases are kept.

use std::{num::NonZero, time::Duration};

use ampkg::yaml::Node;
use amps_core::{RetentionPolicy, Survivor};

use crate::{
    config::{ConfigProblem, fields_of, text_of},
    config_limits::{found, number},
};

/// For messages.
const FIELDS: &str = "versions, ageDays, totalBytes, newest";
pub(crate) const MOST_VERSIONS: u32 = 1_000_000;
/// A hundred years.
pub(crate) const MOST_DAYS: u32 = 36_500;
/// A pebibyte.
pub(crate) const MOST_BYTES: u64 = 1 << 50;

/// What is not named is no reason to remove anything.
pub(crate) fn retention_of(node: &Node) -> Result<RetentionPolicy, ConfigProblem> {
    let mut policy = RetentionPolicy::default();
    for (key, node) in fields_of(node, "`retention`")? {
        match key.text.as_str() {
            "versions" => {
                let versions = number_of(node, "versions", MOST_VERSIONS.into())?;
                policy.versions = u32::try_from(versions).ok().and_then(NonZero::new);
            }
            "ageDays" => {
                let days = number_of(node, "ageDays", MOST_DAYS.into())?;
                policy.age = Some(Duration::from_hours(24 * days));
            }
            "totalBytes" => policy.total_bytes = Some(number_of(node, "totalBytes", MOST_BYTES)?),
            "newest" => {
                policy.survivor = match text_of(node, "newest")?.as_str() {
                    "keep" => Survivor::Newest,
                    "remove" => Survivor::None,
                    other => {
                        let message =
                            format!("`newest` is {}: expected `keep` or `remove`", ampkg::quoted(other));
                        return Err(ConfigProblem::Value { position: node.position, message });
                    }
                };
            }
            other => {
                let message = format!(
                    "unknown field {} of `retention`: expected one of {FIELDS}",
                    ampkg::quoted(other)
                );
                return Err(ConfigProblem::Value { position: key.position, message });
            }
        }
    }
    Ok(policy)
}

fn number_of(node: &Node, field: &str, most: u64) -> Result<u64, ConfigProblem> {
    number(node)?.filter(|number| (1..=most).contains(number)).ok_or_else(|| {
        let found = ampkg::quoted(&found(node));
        let message = format!("`{field}` is {found}: expected a number from 1 to {most}");
        ConfigProblem::Value { position: node.position, message }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    const HEAD: &str = "formatType: amps-configuration\nformatVersion: 1\n---\n";

    fn parse(text: &str) -> Result<RetentionPolicy, String> {
        let config = Config::parse(format!("{HEAD}{text}").as_bytes()).map_err(|error| error.to_string())?;
        Ok(config.retention)
    }

    #[test]
    fn everything_is_kept_unless_it_says_otherwise() {
        for text in ["{}", "retention:", "retention: {}", "retention: { newest: keep }"] {
            let policy = parse(text).unwrap();
            assert_eq!(policy, RetentionPolicy::default(), "{text}");
            assert!(policy.is_everything());
        }
    }

    #[test]
    fn reads_its_fields() {
        let text =
            "retention:\n  versions: 3\n  ageDays: 365\n  totalBytes: 107374182400\n  newest: remove\n";
        let expected = RetentionPolicy {
            versions: NonZero::new(3),
            age: Some(Duration::from_hours(365 * 24)),
            total_bytes: Some(100 << 30),
            survivor: Survivor::None,
        };
        assert_eq!(parse(text), Ok(expected));
    }

    #[test]
    fn names_what_is_wrong_and_where() {
        for (text, message) in [
            ("versions: 0", "line 4, column 24: `versions` is `0`: expected a number from 1 to 1000000"),
            (
                "versions: 1000001",
                "line 4, column 24: `versions` is `1000001`: expected a number from 1 to 1000000",
            ),
            ("ageDays: 1.5", "line 4, column 23: `ageDays` is `1.5`: expected a number from 1 to 36500"),
            ("ageDays: 36501", "line 4, column 23: `ageDays` is `36501`: expected a number from 1 to 36500"),
            (
                "totalBytes: -1",
                "line 4, column 26: `totalBytes` is `-1`: expected a number from 1 to 1125899906842624",
            ),
            (
                "totalBytes: [1]",
                "line 4, column 26: `totalBytes` is `a list`: expected a number from 1 to 1125899906842624",
            ),
            ("newest: drop", "line 4, column 22: `newest` is `drop`: expected `keep` or `remove`"),
            (
                "version: 1",
                "line 4, column 14: unknown field `version` of `retention`: expected one of versions, ageDays, totalBytes, newest",
            ),
        ] {
            assert_eq!(parse(&format!("retention: {{ {text} }}")).unwrap_err(), message);
        }
        assert_eq!(
            parse("retention: 5").unwrap_err(),
            "line 4, column 12: `retention` is a scalar: expected a map"
        );
    }

    #[test]
    fn each_number_has_a_most() {
        assert_eq!(parse("retention: { versions: 1000000 }").unwrap().versions, NonZero::new(1_000_000));
        assert_eq!(
            parse("retention: { ageDays: 36500 }").unwrap().age,
            Some(Duration::from_hours(24 * 36_500))
        );
        assert_eq!(
            parse("retention: { totalBytes: 1125899906842624 }").unwrap().total_bytes,
            Some(MOST_BYTES)
        );
    }
}
