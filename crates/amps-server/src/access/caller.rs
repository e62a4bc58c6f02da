//! Who sends a request.

use std::sync::Arc;

use amps_core::{
    accounts::{AccessToken, PackageScope, Role, Roles, User},
    audit::Actor,
};
use tracing::Span;

/// Who sends a request, as far as that was to be known. It is also an extension of requests whose sender is not anonymous.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// Nobody in particular.
    Anonymous,
    /// Whoever has this token.
    Token(Arc<AccessToken>),
    /// A user who is logged in.
    User(Arc<User>),
}

/// What a user may do who is logged in, with all packages. Users with roles of their own are not there yet.
pub(super) fn roles_of(user: &User) -> Roles {
    if user.is_staff { Role::Admin.into() } else { Role::Read.into() }
}

impl Caller {
    /// The packages that they may do something with; none if those are all.
    pub(crate) fn scope(&self) -> Option<&PackageScope> {
        match self {
            Self::Token(token) => Some(&token.scope).filter(|scope| !scope.is_all()),
            Self::Anonymous | Self::User(_) => None,
        }
    }

    /// What the audit trail calls them.
    pub(crate) fn actor(&self) -> Actor {
        match self {
            Self::Anonymous => Actor::Anonymous,
            Self::Token(token) => Actor::Token(token.name.clone()),
            Self::User(user) => Actor::User(user.name.clone()),
        }
    }

    /// Lets the line that is logged about the request name them.
    pub(crate) fn log(&self) {
        match self {
            Self::Anonymous => {}
            Self::Token(token) => drop(Span::current().record("token", token.name.as_str())),
            Self::User(user) => drop(Span::current().record("user", user.name.as_str())),
        }
    }

    /// What the catalog says about who brought a package from an address. Names have no spaces: a user cannot pass for a token.
    pub(crate) fn bringing(&self, from: &str) -> String {
        match self {
            Self::Anonymous => format!("HTTP from {from}"),
            Self::Token(token) => format!("token {}, HTTP from {from}", token.name),
            Self::User(user) => format!("{}, HTTP from {from}", user.name),
        }
    }
}
