//! `audit:` in `amps-config.yaml`: how long the audit trail is.

use ampkg::yaml::{IntegerRange, Node, NodeKind, Value};
use amps_core::audit::{AuditRetention, InvalidAuditRetention};

use crate::config::{ConfigProblem, fields_of};

/// `days` and `entries`; what is not named is the default.
pub(crate) fn audit_of(node: &Node) -> Result<AuditRetention, ConfigProblem> {
    let mut audit = AuditRetention::default();
    for (key, node) in fields_of(node, "`audit`")? {
        let (field, range) = match key.text.as_str() {
            "days" => ("days", AuditRetention::DAYS),
            "entries" => ("entries", AuditRetention::ENTRIES),
            other => {
                let found = ampkg::quoted(other);
                let message = format!("unknown setting {found} of `audit`: expected `days` or `entries`");
                return Err(ConfigProblem::Value { position: key.position, message });
            }
        };
        let number = match node.to_value(IntegerRange::Wrap)? {
            Value::Int32(number) => u64::try_from(number).ok(),
            Value::Int64(number) => u64::try_from(number).ok(),
            Value::UInt64(number) => Some(number),
            _ => None,
        };
        let invalid = |error: InvalidAuditRetention| ConfigProblem::Value {
            position: node.position,
            message: error.to_string(),
        };
        let number = number.ok_or_else(|| {
            let found = match &node.kind {
                NodeKind::Scalar(scalar) => scalar.text.clone(),
                other => format!("a {}", other.name()),
            };
            invalid(InvalidAuditRetention { field, found, least: *range.start(), most: *range.end() })
        })?;
        audit = match field {
            "days" => AuditRetention::new(number, audit.entries()),
            _ => AuditRetention::new(audit.days().into(), number),
        }
        .map_err(invalid)?;
    }
    Ok(audit)
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn audit(text: &str) -> Result<(u32, u64), String> {
        let text = format!("formatType: amps-configuration\nformatVersion: 1\n---\n{text}");
        let config = Config::parse(text.as_bytes()).map_err(|problem| problem.to_string())?;
        Ok((config.audit.days(), config.audit.entries()))
    }

    #[test]
    fn reads_its_settings_and_refuses_others() {
        assert_eq!(audit("{}"), Ok((365, 1_000_000)));
        assert_eq!(audit("audit:\n  days: 30\n"), Ok((30, 1_000_000)));
        assert_eq!(audit("audit: {entries: 1000, days: 36_500}"), Ok((36_500, 1000)));
        for (text, message) in [
            ("audit: {days: 0}", "the setting `days` of `audit` is `0`: expected a number from 1 to 36500"),
            ("audit: {days: '7'}", "the setting `days` of `audit` is `7`: expected a number from 1 to 36500"),
            (
                "audit: {entries: 999}",
                "the setting `entries` of `audit` is `999`: expected a number from 1000 to 100000000",
            ),
            ("audit: {hours: 1}", "unknown setting `hours` of `audit`: expected `days` or `entries`"),
        ] {
            let found = audit(text).unwrap_err();
            assert!(found.ends_with(message), "{found}");
        }
    }
}
