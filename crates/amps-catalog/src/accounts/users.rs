//! Users, in rows.

use amps_core::audit::{Action, NewAuditEntry};
use amps_core::{
    Timestamp,
    accounts::{AccountError, Kind, NewUser, PasswordHash, User, UserChange, UserId, UserName, Users},
};
use rusqlite::{Connection, params};

use super::{count, number};
use crate::{
    SqliteCatalog,
    columns::Columns,
    error::Fault,
    query::{all, one},
};

/// The columns, in the order of [`read`].
pub(super) const COLUMNS: &str =
    "users.id, users.name, users.is_active, users.is_staff, users.created_at, users.last_login_at";

impl Users for SqliteCatalog {
    fn create_user(&self, user: &NewUser, now: Timestamp) -> Result<UserId, AccountError> {
        self.administer(
            "add a user",
            Action::UserCreate,
            |entry| {
                entry
                    .of(user.name.as_str())
                    .with("active", word(user.is_active))
                    .with("staff", word(user.is_staff))
            },
            |connection| {
                if find(connection, &user.name)?.is_some() {
                    return Ok(Err(AccountError::Exists { kind: Kind::User, name: user.name.to_string() }));
                }
                let sql = "INSERT INTO users (name, password, is_active, is_staff, created_at) \
                VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id";
                let NewUser { name, password, is_active, is_staff } = user;
                let row = params![name.as_str(), password.reveal(), is_active, is_staff, now.0];
                let ids = all(connection, sql, row, |row| Columns::new(row).number("users.id"))?;
                Ok(Ok(UserId(inserted("users.id", &ids)?)))
            },
        )
    }

    fn users(&self) -> Result<Vec<User>, AccountError> {
        let sql = format!("SELECT {COLUMNS} FROM users ORDER BY name");
        Ok(self.read("list the users", |connection| {
            all(connection, &sql, [], |row| read(&mut Columns::new(row)))
        })?)
    }

    fn can_log_in(&self) -> Result<bool, AccountError> {
        // No password fits a hash that begins so.
        let sql = "SELECT count(*) FROM (SELECT 1 FROM users WHERE is_active AND substr(password, 1, 1) <> '!' LIMIT 1)";
        Ok(self.read("look for users who can log in", |connection| Ok(count(connection, sql, [])? > 0))?)
    }

    fn credentials(&self, name: &UserName) -> Result<Option<(User, PasswordHash)>, AccountError> {
        let sql = format!("SELECT {COLUMNS}, password FROM users WHERE name = ?1");
        Ok(self.read("find a user", |connection| {
            one(connection, &sql, [name.as_str()], |row| {
                let columns = &mut Columns::new(row);
                let user = read(columns)?;
                // Not `parsed`: the error would show the hash.
                let password = columns.text("users.password")?;
                let password = password
                    .parse()
                    .map_err(|_| Fault::damaged("users.password", "no hash of a password"))?;
                Ok((user, password))
            })
        })?)
    }

    fn most_pbkdf2_iterations(&self) -> Result<u32, AccountError> {
        // The cast reads as far as there are digits; what it finds in a damaged row is bounded by whoever asks.
        let sql = "SELECT coalesce(min(max(CAST(substr(password, 15) AS INTEGER)), 4294967295), 0) FROM users \
            WHERE password GLOB 'pbkdf2_sha256$*'";
        let most = self.read("find the costliest hash", |connection| {
            one(connection, sql, [], |row| Columns::new(row).number("users.password"))
        })?;
        Ok(most.unwrap_or(0))
    }

    fn set_password(&self, name: &UserName, password: &PasswordHash) -> Result<(), AccountError> {
        self.administer(
            "change a password",
            Action::UserPassword,
            |entry| entry.of(name.as_str()),
            |connection| {
                let Some(user) = find(connection, name)? else { return Ok(Err(missing(name))) };
                let row = params![user, password.reveal()];
                connection.execute("UPDATE users SET password = ?2 WHERE id = ?1", row)?;
                connection.execute("DELETE FROM sessions WHERE user_id = ?1", [user])?;
                Ok(Ok(()))
            },
        )
    }

    fn note_login(
        &self,
        user: UserId,
        upgrade: Option<(&PasswordHash, &PasswordHash)>,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let Ok(user) = i64::try_from(user.0) else { return Ok(()) };
        Ok(self.write("note a login", |connection| {
            connection.execute("UPDATE users SET last_login_at = ?2 WHERE id = ?1", [user, now.0])?;
            if let Some((old, new)) = upgrade {
                let row = params![user, old.reveal(), new.reveal()];
                connection.execute("UPDATE users SET password = ?3 WHERE id = ?1 AND password = ?2", row)?;
            }
            Ok(())
        })?)
    }

    fn change_user(&self, name: &UserName, change: &UserChange) -> Result<(), AccountError> {
        self.administer("change a user", Action::UserChange, |entry| changed(entry.of(name.as_str()), *change), |connection| {
            let Some(user) = find(connection, name)? else { return Ok(Err(missing(name))) };
            let UserChange { is_active, is_staff } = *change;
            let sql = "UPDATE users SET is_active = coalesce(?2, is_active), is_staff = coalesce(?3, is_staff) \
                WHERE id = ?1";
            connection.execute(sql, params![user, is_active, is_staff])?;
            if is_active == Some(false) {
                connection.execute("DELETE FROM sessions WHERE user_id = ?1", [user])?;
                connection.execute("DELETE FROM purchases WHERE user_id = ?1", [user])?;
            }
            Ok(Ok(()))
        })
    }

    fn remove_user(&self, name: &UserName) -> Result<(), AccountError> {
        self.administer(
            "remove a user",
            Action::UserRemove,
            |entry| entry.of(name.as_str()),
            |connection| {
                let Some(user) = find(connection, name)? else { return Ok(Err(missing(name))) };
                let vendors = count(connection, "SELECT count(*) FROM vendors WHERE user_id = ?1", [user])?;
                if vendors > 0 {
                    let (kind, name) = (Kind::User, name.to_string());
                    return Ok(Err(AccountError::InUse { kind, name, count: vendors, users: "vendors" }));
                }
                // Sessions and purchases go with them.
                connection.execute("DELETE FROM users WHERE id = ?1", [user])?;
                Ok(Ok(()))
            },
        )
    }
}

/// What was changed of a user.
fn changed(mut entry: NewAuditEntry, change: UserChange) -> NewAuditEntry {
    for (key, value) in [("active", change.is_active), ("staff", change.is_staff)] {
        if let Some(value) = value {
            entry = entry.with(key, word(value));
        }
    }
    entry
}

fn word(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

/// The number of a user.
pub(super) fn find(connection: &Connection, name: &UserName) -> Result<Option<i64>, Fault> {
    number(connection, "SELECT id FROM users WHERE name = ?1", [name.as_str()], "users.id")
}

pub(super) fn missing(name: &UserName) -> AccountError {
    AccountError::Missing { kind: Kind::User, name: name.to_string() }
}

pub(super) fn read(columns: &mut Columns<'_>) -> Result<User, Fault> {
    Ok(User {
        id: UserId(columns.number("users.id")?),
        name: columns.parsed("users.name")?,
        is_active: columns.flag("users.is_active")?,
        is_staff: columns.flag("users.is_staff")?,
        created_at: Timestamp(columns.integer("users.created_at")?),
        last_login_at: columns.optional_integer("users.last_login_at")?.map(Timestamp),
    })
}

/// The number of the row that was inserted.
pub(super) fn inserted(column: &'static str, ids: &[u64]) -> Result<u64, Fault> {
    ids.first().copied().ok_or_else(|| Fault::damaged(column, "missing"))
}
