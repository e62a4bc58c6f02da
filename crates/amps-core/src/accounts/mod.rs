//! Who uses the deployment server: users, vendors, categories, sessions, purchases.
//!
//! And who may do what: tokens, which both servers know ([`AccessTokens`], [`TokenTables`]).
//!
//! The seam is [`Accounts`]: one trait for each kind of thing, each call one transaction, the time an argument. On top of it are
//! the flows: [`Login`] checks passwords, [`Sessions`] carries what a device said from one request to the next.

mod access;
mod attempts;
mod browser_sessions;
mod categories;
mod category_icon;
mod certificate;
mod edit;
mod entries;
mod error;
mod login;
mod name;
mod password_hash;
mod permits;
mod purchases;
mod session_records;
mod sessions;
mod token;
mod users;
mod vendors;
mod work;

pub use access::{
    AccessToken, AccessTokens, Counted, InvalidPattern, InvalidRole, Lookup, MAX_ACCESS_TOKENS,
    MAX_PATTERN_CHARS, MAX_PATTERNS, MAX_QUOTA, NewAccessToken, PackagePattern, PackageScope, QuotaUsedUp,
    Quotas, Role, Roles, TokenTables, TooManyPatterns, Usage,
};
pub use browser_sessions::{BROWSER_IDLE_SECONDS, BROWSER_SESSION_SECONDS, BrowserSession, BrowserSessions};
pub use categories::{Categories, Category, CategoryChange, CategoryId, NewCategory};
pub use category_icon::{CategoryIcon, IconColor, IconError, IconStyle, MAX_ICON_BYTES, MAX_ICON_SIDE_PX};
pub use certificate::{MAX_VENDOR_CERTIFICATE_BYTES, VendorCertificate, VendorCertificateError};
pub use edit::Edit;
pub use entries::{EntryChanges, MAX_BRIEF_BYTES, MAX_DESCRIPTION_BYTES, StoreEntries, StoreEntry};
pub use error::{AccountError, Kind};
pub use login::{Login, LoginAnswer, LoginCounts};
pub use name::{
    CategoryName, InvalidName, MAX_NAME_CHARS, MAX_TOKEN_NAME_CHARS, MAX_USER_NAME_CHARS, TokenName,
    UserName, VendorName,
};
pub use password_hash::{
    InvalidPassword, InvalidPasswordHash, MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS, PasswordHash,
};
pub use purchases::{MAX_DEVICE_ID_BYTES, MAX_PURCHASES_OF_USER, Purchase, Purchases};
pub use session_records::{Greeting, MAX_GREETING_BYTES, Session, SessionRecords, SessionTimes};
pub use sessions::{ANONYMOUS_SESSION_SECONDS, MAX_ANONYMOUS_SESSIONS, SESSION_SECONDS, Sessions};
pub use token::{
    API_TOKEN_PREFIX, ApiToken, BrowserToken, DownloadToken, InvalidToken, SessionToken, TokenHash,
};
pub use users::{NewUser, User, UserChange, UserId, Users};
pub use vendors::{NewVendor, Vendor, VendorChange, VendorId, Vendors};

use std::sync::Arc;

use crate::{audit::Cause, clock::Timestamp};

/// Everything that is known about accounts. Object-safe; what has returned survives a crash.
pub trait Accounts:
    Users + Vendors + Categories + StoreEntries + SessionRecords + Purchases + AccessTokens
{
    /// The same for somebody who administers: what they change of users, vendors, categories, tokens and what the store says about
    /// releases is in the audit trail from the moment on that it is changed, and so is what they are refused.
    fn on_behalf_of(&self, cause: Cause, now: Timestamp) -> Arc<dyn Accounts>;

    /// Removes the sessions and purchases that have expired; what has not is left alone. To be called every now and then: what
    /// has expired is never found, but takes room.
    fn remove_expired(&self, now: Timestamp) -> Result<Expired, AccountError>;
}

/// How much was removed because its time was over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Sessions.
    pub sessions: usize,
    /// Purchases.
    pub purchases: usize,
}
