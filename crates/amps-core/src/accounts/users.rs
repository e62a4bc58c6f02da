//! Users.

use super::{AccountError, UserName, password_hash::PasswordHash};
use crate::clock::Timestamp;

/// Numbers a user. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u64);

/// A user, without the password's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their number.
    pub id: UserId,
    /// The name that they log in with.
    pub name: UserName,
    /// Whether they may log in.
    pub is_active: bool,
    /// Whether they may upload.
    pub is_staff: bool,
    /// Since when they are known.
    pub created_at: Timestamp,
    /// When they last logged in.
    pub last_login_at: Option<Timestamp>,
}

/// A user who is about to be known.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The name that they log in with.
    pub name: UserName,
    /// What their password is checked with.
    pub password: PasswordHash,
    /// Whether they may log in.
    pub is_active: bool,
    /// Whether they may upload.
    pub is_staff: bool,
}

/// What is known about users.
pub trait Users: Send + Sync {
    /// Adds a user. [`AccountError::Exists`] if the name is taken.
    fn create_user(&self, user: &NewUser, now: Timestamp) -> Result<UserId, AccountError>;

    /// All users, ordered by name.
    fn users(&self) -> Result<Vec<User>, AccountError>;

    /// The user of this name, with what their password is checked with.
    fn credentials(&self, name: &UserName) -> Result<Option<(User, PasswordHash)>, AccountError>;

    /// Gives a user another password and ends all their sessions. [`AccountError::Missing`] if there is no such user.
    fn set_password(&self, name: &UserName, password: &PasswordHash) -> Result<(), AccountError>;

    /// Notes a login, and puts another hash of the same password in the place of `upgrade.0`, unless somebody has changed that in
    /// the meantime. The sessions stay. A user who is gone is passed over.
    fn note_login(
        &self,
        user: UserId,
        upgrade: Option<(&PasswordHash, &PasswordHash)>,
        now: Timestamp,
    ) -> Result<(), AccountError>;

    /// Lets a user log in, and upload, or not. Sessions of a user who is not active are as if nobody were logged in.
    fn set_flags(&self, name: &UserName, is_active: bool, is_staff: bool) -> Result<(), AccountError>;

    /// Removes a user, with their sessions and purchases. [`AccountError::InUse`] if they are the user of a vendor.
    fn remove_user(&self, name: &UserName) -> Result<(), AccountError>;
}
