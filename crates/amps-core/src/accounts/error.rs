//! Why something about an account was not done.

use std::fmt;

use crate::catalog::CatalogError;

/// What kind of thing an error speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A user.
    User,
    /// A vendor.
    Vendor,
    /// A category.
    Category,
    /// A token.
    Token,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::User => "user",
            Self::Vendor => "vendor",
            Self::Category => "category",
            Self::Token => "token",
        })
    }
}

/// Why something about an account was not done. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The name is taken.
    #[error("there is a {kind} with the name {} already", ampkg::quoted(.name))]
    Exists {
        /// What it names.
        kind: Kind,
        /// The name.
        name: String,
    },
    /// Nothing has that name.
    #[error("there is no {kind} with the name {}", ampkg::quoted(.name))]
    Missing {
        /// What it should name.
        kind: Kind,
        /// The name.
        name: String,
    },
    /// It cannot be removed, because others refer to it.
    #[error("the {kind} {} cannot be removed: {count} {users} refer to it", ampkg::quoted(.name))]
    InUse {
        /// What it is.
        kind: Kind,
        /// Its name.
        name: String,
        /// How many refer to it.
        count: u64,
        /// What these are: `releases` or `vendors`.
        users: &'static str,
    },
    /// What was referred to by number is gone.
    #[error("there is no such {what} any more")]
    Gone {
        /// `category`, `release`, …
        what: &'static str,
    },
    /// There are as many as there may be.
    #[error("there are {limit} {what} already, and there may not be more")]
    TooMany {
        /// What they are, like `tokens that are valid`.
        what: &'static str,
        /// The limit, inclusive.
        limit: u64,
    },
    /// A text is longer than what is kept.
    #[error("the {what} has {found_bytes} bytes, expected at most {limit_bytes}")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// Its size.
        found_bytes: usize,
        /// The limit, inclusive.
        limit_bytes: usize,
    },
    /// The password is not one that a new user may have.
    #[error(transparent)]
    Password(#[from] super::password_hash::InvalidPassword),
    /// The system has no random numbers.
    #[error("there are no random numbers to be had")]
    Random,
    /// The system has no memory to hash a password in.
    #[error("there is no memory to hash a password in")]
    Memory,
    /// The catalog failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

impl AccountError {
    /// The kind of error as a stable word for machines.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Exists { .. } => "exists",
            Self::Missing { .. } => "missing",
            Self::InUse { .. } => "in-use",
            Self::Gone { .. } => "gone",
            Self::TooMany { .. } => "too-many",
            Self::TooLong { .. } => "too-long",
            Self::Password(_) => "password",
            Self::Random | Self::Memory => "resources",
            Self::Catalog(_) => "catalog",
        }
    }
}

/// Refuses a text of more than a limit, which is inclusive.
pub(super) fn bounded(what: &'static str, text: &str, limit_bytes: usize) -> Result<(), AccountError> {
    match text.len() {
        found_bytes if found_bytes > limit_bytes => {
            Err(AccountError::TooLong { what, found_bytes, limit_bytes })
        }
        _ => Ok(()),
    }
}
