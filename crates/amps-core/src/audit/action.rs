//! What is done that the trail knows of.

use std::{fmt, str::FromStr};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What was done. The words are stable: they are in exports and filters.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

actions! {
    /// A package came in, or was not let in.
    PackageUpload = "package.upload",
    /// A package, or one of its releases, went.
    PackageRemove = "package.remove",
    /// Packages were signed for devices.
    PackageSign = "package.sign",
    /// What the store says about a release.
    PackageDescribe = "package.describe",
    /// Somebody logged in, or could not.
    Login = "login",
    /// Somebody logged out.
    Logout = "logout",
    /// Somebody asked for what they may not.
    AccessDenied = "access.denied",
    /// Somebody got the right to download a package.
    Purchase = "purchase",
    /// A user is known.
    UserCreate = "user.create",
    /// What a user may.
    UserChange = "user.change",
    /// A user has another password.
    UserPassword = "user.password",
    /// A user is gone.
    UserRemove = "user.remove",
    /// A vendor is known.
    VendorCreate = "vendor.create",
    /// A vendor is another.
    VendorChange = "vendor.change",
    /// A vendor is gone.
    VendorRemove = "vendor.remove",
    /// A category is known.
    CategoryCreate = "category.create",
    /// A category is another.
    CategoryChange = "category.change",
    /// A category is gone.
    CategoryRemove = "category.remove",
    /// A token was made.
    TokenCreate = "token.create",
    /// A token opens nothing any more.
    TokenRevoke = "token.revoke",
    /// A server began, with these settings.
    ServerStart = "server.start",
    /// A server ended in good order.
    ServerStop = "server.stop",
    /// What is in the store is that of a backup, and so is the trail before this.
    StoreRestore = "store.restore",
    /// The oldest entries were removed, because of their age or number.
    AuditPrune = "audit.prune",
    /// There was more to enter than there was room for.
    AuditDropped = "audit.dropped",
}

/// A word that no action has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not an action of the audit trail: expected one like `package.upload`", ampkg::quoted(.found))]
pub struct InvalidAction {
    /// The word.
    pub found: String,
}

impl FromStr for Action {
    type Err = InvalidAction;

    fn from_str(text: &str) -> Result<Self, InvalidAction> {
        let found = Self::ALL.iter().copied().find(|action| action.as_str() == text);
        found.ok_or_else(|| InvalidAction { found: text.into() })
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
