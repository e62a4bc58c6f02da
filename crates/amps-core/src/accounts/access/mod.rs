//! Who may do what: tokens with roles and a scope, and what is known of them in memory.

mod pattern;
mod quotas;
mod role;
mod scope;
mod tables;
mod tokens;

pub use pattern::{InvalidPattern, MAX_PATTERN_CHARS, PackagePattern};
pub use quotas::{Counted, MAX_QUOTA, QuotaUsedUp, Quotas, Usage};
pub use role::{InvalidRole, Role, Roles};
pub use scope::{MAX_PATTERNS, PackageScope, TooManyPatterns};
pub use tables::{Lookup, TokenTables};
pub use tokens::{AccessToken, AccessTokens, MAX_ACCESS_TOKENS, NewAccessToken};
