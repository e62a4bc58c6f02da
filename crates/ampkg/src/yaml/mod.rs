//! YAML 1.1 as the Qt Application Manager reads and writes it.
//!
//! Three steps, each usable alone: [`parse`] makes [`Node`]s in which a scalar keeps its text, style and position;
//! [`Node::to_value`] types them by the rules of docs/format.md; [`emit`] writes [`Value`]s in a form that reads back as the
//! same values.

mod emit;
mod error;
mod node;
mod parse;
mod scalar;
mod value;

pub use emit::emit;
pub use error::{Position, YamlError};
pub use node::{Key, Mapping, Node, NodeKind, Scalar, Style};
pub use parse::{YamlLimits, parse};
pub use scalar::IntegerRange;
pub use value::{Map, Value, merge};
