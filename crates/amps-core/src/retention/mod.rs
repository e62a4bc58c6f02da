//! Which releases go because nobody will want them any more: a policy, and what it means for a list of releases.
//!
//! [`plan_retention`] decides and changes nothing; [`Store::retain`](crate::Store::retain) does what it says.

mod plan;
mod policy;
#[cfg(test)]
mod tests;

pub use plan::{Hold, Removal, RetentionPlan, Spared, plan_retention};
pub use policy::{Because, RetentionPolicy, Survivor};
