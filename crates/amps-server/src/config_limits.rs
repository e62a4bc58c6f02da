//! `limits:` in `amps-config.yaml`: names of limits with numbers.

use ampkg::yaml::{IntegerRange, Node, NodeKind, Value, YamlError};

use crate::{
    config::{ConfigProblem, fields_of},
    limits::{LimitField, ServerLimits},
};

/// Those that are not named are the defaults.
pub(crate) fn limits_of(node: &Node) -> Result<ServerLimits, ConfigProblem> {
    let mut limits = ServerLimits::default();
    for (key, node) in fields_of(node, "`limits`")? {
        let Some(field) = LimitField::of(&key.text) else {
            return Err(ConfigProblem::UnknownLimit { position: key.position, field: key.text.clone() });
        };
        let invalid = |error| ConfigProblem::Value { position: node.position, message: format!("{error}") };
        let number = number(node)?.ok_or_else(|| invalid(field.invalid(found(node))))?;
        field.check(number).map_err(invalid)?;
        (field.set)(&mut limits, number);
    }
    Ok(limits)
}

/// A number that is not negative, if there is one.
pub(crate) fn number(node: &Node) -> Result<Option<u64>, YamlError> {
    Ok(match node.to_value(IntegerRange::Wrap)? {
        Value::Int32(number) => u64::try_from(number).ok(),
        Value::Int64(number) => u64::try_from(number).ok(),
        Value::UInt64(number) => Some(number),
        _ => None,
    })
}

/// What stands there, for messages.
pub(crate) fn found(node: &Node) -> String {
    match &node.kind {
        NodeKind::Scalar(scalar) => scalar.text.clone(),
        other => format!("a {}", other.name()),
    }
}
