//! Typed access to the fields of a map, with errors that name field and place.

use std::collections::BTreeMap;

use super::ManifestError;
use crate::yaml::{IntegerRange, Map, Mapping, Node, NodeKind, Position, Value};

/// A map whose keys are known to be allowed.
pub(super) struct Fields<'a> {
    mapping: &'a Mapping,
    position: Position,
    context: &'static str,
}

impl<'a> Fields<'a> {
    /// Takes a node for a map and refuses any field that is not `allowed`. `context` names the map in messages.
    pub(super) fn new(
        node: &'a Node,
        context: &'static str,
        allowed: &[&'static str],
    ) -> Result<Self, ManifestError> {
        let NodeKind::Mapping(mapping) = &node.kind else {
            return Err(wrong_kind(node, context.into(), "a map"));
        };
        match mapping.iter().find(|(key, _)| !allowed.contains(&key.text.as_str())) {
            Some((key, _)) => Err(ManifestError::UnknownField {
                position: key.position,
                field: key.text.clone(),
                context,
                allowed: allowed.to_vec(),
            }),
            None => Ok(Self { mapping, position: node.position, context }),
        }
    }

    /// Where a field's value stands; where the map begins if there is none.
    pub(super) fn position_of(&self, field: &str) -> Position {
        self.mapping.find(field).map_or(self.position, |node| node.position)
    }

    /// Where an item of a list stands.
    pub(super) fn position_of_item(&self, field: &str, at: usize) -> Position {
        match self.mapping.find(field).map(|node| &node.kind) {
            Some(NodeKind::Sequence(items)) => items.get(at).map_or(self.position, |item| item.position),
            _ => self.position,
        }
    }

    /// The text of a scalar, whatever its type: `version: 1.0` is `1.0`. A null is no text.
    pub(super) fn text(&self, field: &str) -> Result<Option<String>, ManifestError> {
        self.mapping.find(field).map_or(Ok(None), |node| text(node, field))
    }

    pub(super) fn required_text(&self, field: &'static str) -> Result<String, ManifestError> {
        self.text(field)?.ok_or_else(|| self.missing(field))
    }

    /// A scalar or a list of scalars.
    pub(super) fn texts(&self, field: &str) -> Result<Vec<String>, ManifestError> {
        let Some(node) = self.mapping.find(field) else { return Ok(Vec::new()) };
        match &node.kind {
            NodeKind::Scalar(_) => Ok(text(node, field)?.into_iter().collect()),
            NodeKind::Sequence(items) => {
                items.iter().map(|item| Ok(text(item, field)?.unwrap_or_default())).collect()
            }
            NodeKind::Mapping(_) => Err(wrong_field(node, field, "a text or a list of texts")),
        }
    }

    /// A map from language to text.
    pub(super) fn texts_by_key(&self, field: &str) -> Result<BTreeMap<String, String>, ManifestError> {
        let Some(node) = self.mapping.find(field) else { return Ok(BTreeMap::new()) };
        let NodeKind::Mapping(mapping) = &node.kind else { return Err(wrong_field(node, field, "a map")) };
        mapping
            .iter()
            .map(|(key, node)| Ok((key.text.clone(), text(node, field)?.unwrap_or_default())))
            .collect()
    }

    pub(super) fn flag(&self, field: &str) -> Result<Option<bool>, ManifestError> {
        let Some(node) = self.mapping.find(field) else { return Ok(None) };
        match node.to_value(IntegerRange::Wrap)? {
            Value::Bool(flag) => Ok(Some(flag)),
            _ => Err(wrong_field(node, field, "true or false")),
        }
    }

    /// A map with anything in it.
    pub(super) fn map(&self, field: &str) -> Result<Map, ManifestError> {
        let Some(node) = self.mapping.find(field) else { return Ok(Map::new()) };
        match node.to_value(IntegerRange::Wrap)? {
            Value::Map(map) => Ok(map),
            _ => Err(wrong_field(node, field, "a map")),
        }
    }

    /// The nodes of a list.
    pub(super) fn items(&self, field: &str) -> Result<&'a [Node], ManifestError> {
        let Some(node) = self.mapping.find(field) else { return Ok(&[]) };
        match &node.kind {
            NodeKind::Sequence(items) => Ok(items),
            _ => Err(wrong_field(node, field, "a list")),
        }
    }

    pub(super) fn required_items(&self, field: &'static str) -> Result<&'a [Node], ManifestError> {
        if self.mapping.find(field).is_none() {
            return Err(self.missing(field));
        }
        self.items(field)
    }

    fn missing(&self, field: &'static str) -> ManifestError {
        ManifestError::Missing { position: self.position, field, context: self.context }
    }
}

fn text(node: &Node, field: &str) -> Result<Option<String>, ManifestError> {
    match &node.kind {
        NodeKind::Scalar(scalar) => match node.to_value(IntegerRange::Wrap) {
            Ok(Value::Null) => Ok(None),
            // A text keeps its spelling, so an integer too large for any type is as good as another.
            _ => Ok(Some(scalar.text.clone())),
        },
        _ => Err(wrong_field(node, field, "a text")),
    }
}

fn wrong_field(node: &Node, field: &str, expected: &'static str) -> ManifestError {
    wrong_kind(node, format!("the field `{field}`"), expected)
}

fn wrong_kind(node: &Node, field: String, expected: &'static str) -> ManifestError {
    ManifestError::Kind { position: node.position, field, found: node.kind.name(), expected }
}
