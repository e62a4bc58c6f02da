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

/// What is to be different about a user; what is missing stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    /// Whether they may log in.
    pub is_active: Option<bool>,
    /// Whether they may upload.
    pub is_staff: Option<bool>,
}

/// What is known about users.
pub trait Users: Send + Sync {
    /// Adds a user. [`AccountError::Exists`] if the name is taken.
    fn create_user(&self, user: &NewUser, now: Timestamp) -> Result<UserId, AccountError>;

    /// All users, ordered by name.
    fn users(&self) -> Result<Vec<User>, AccountError>;

    /// Whether there is a user who can log in: one who may, and has a password.
    fn can_log_in(&self) -> Result<bool, AccountError>;

    /// The user of this name, with what their password is checked with.
    fn credentials(&self, name: &UserName) -> Result<Option<(User, PasswordHash)>, AccountError>;

    /// The most iterations that one of Django's hashes has (`pbkdf2_sha256$ITERATIONS$…`); 0 if no user has such a hash.
    fn most_pbkdf2_iterations(&self) -> Result<u32, AccountError>;

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

    /// Changes what a user may. Whoever may not log in any more loses their sessions and purchases, for good.
    /// [`AccountError::Missing`] if there is no such user.
    fn change_user(&self, name: &UserName, change: &UserChange) -> Result<(), AccountError>;

    /// Removes a user, with their sessions and purchases. [`AccountError::InUse`] if they are the user of a vendor.
    fn remove_user(&self, name: &UserName) -> Result<(), AccountError>;
}
