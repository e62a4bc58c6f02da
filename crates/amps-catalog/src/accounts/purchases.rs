//! Purchases, in rows.

use std::{collections::HashSet, sync::Arc};

use amps_core::{
    HardwareId, Sequence, Timestamp,
    accounts::{
        AccountError, MAX_DEVICE_ID_BYTES, MAX_PURCHASES_OF_USER, Purchase, Purchases, TokenHash, UserId,
    },
};
use rusqlite::params;

use super::count;
use crate::{
    SqliteCatalog,
    columns::Columns,
    error::Fault,
    query::{all, one},
};

impl Purchases for SqliteCatalog {
    fn create_purchase(
        &self,
        token: &TokenHash,
        purchase: &Purchase,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let device = purchase.device.as_deref().map(HardwareId::as_str);
        let found_bytes = device.map_or(0, str::len);
        if found_bytes > MAX_DEVICE_ID_BYTES {
            let (what, limit_bytes) = ("hardware id", MAX_DEVICE_ID_BYTES);
            return Err(AccountError::TooLong { what, found_bytes, limit_bytes });
        }
        let (user, release) = (purchase.user.0.cast_signed(), purchase.release.0.cast_signed());
        // Whoever loses it to a power cut buys again.
        self.write_passing("note a purchase", |connection| {
            if count(connection, "SELECT count(*) FROM users WHERE id = ?1", [user])? == 0 {
                return Ok(Err(AccountError::Gone { what: "user" }));
            }
            if count(connection, "SELECT count(*) FROM releases WHERE sequence = ?1", [release])? == 0 {
                return Ok(Err(AccountError::Gone { what: "release" }));
            }
            let sql = "DELETE FROM purchases WHERE user_id = ?1 AND expires_at <= ?2";
            connection.prepare_cached(sql)?.execute([user, now.0])?;
            let live = count(connection, "SELECT count(*) FROM purchases WHERE user_id = ?1", [user])?;
            let excess = (live + 1).saturating_sub(MAX_PURCHASES_OF_USER);
            if excess > 0 {
                let sql = "DELETE FROM purchases WHERE token_hash IN (SELECT token_hash FROM purchases \
                    WHERE user_id = ?1 ORDER BY expires_at, rowid LIMIT ?2)";
                connection.prepare_cached(sql)?.execute([user, excess.cast_signed()])?;
            }
            let sql = "INSERT INTO purchases (token_hash, user_id, sequence, device_id, expires_at) \
                VALUES (?1, ?2, ?3, ?4, ?5)";
            let row = params![token.0.0, user, release, device, purchase.expires_at.0];
            connection.prepare_cached(sql)?.execute(row)?;
            Ok(Ok(()))
        })?
    }

    fn purchase(&self, token: &TokenHash, now: Timestamp) -> Result<Option<Purchase>, AccountError> {
        let sql = "SELECT user_id, sequence, device_id, expires_at FROM purchases \
            JOIN users ON users.id = purchases.user_id AND users.is_active \
            WHERE token_hash = ?1 AND expires_at > ?2";
        Ok(self.read("find a purchase", |connection| {
            one(connection, sql, params![token.0.0, now.0], |row| {
                let columns = &mut Columns::new(row);
                let (user, release) =
                    (columns.number("purchases.user_id")?, columns.number("purchases.sequence")?);
                // Neither the id nor anything of it may stand in an error.
                let device = columns.optional_text("purchases.device_id")?.map(HardwareId::new).transpose();
                let device = device.map_err(|_| Fault::damaged("purchases.device_id", "no hardware id"))?;
                Ok(Purchase {
                    user: UserId(user),
                    release: Sequence(release),
                    device: device.map(Arc::new),
                    expires_at: Timestamp(columns.integer("purchases.expires_at")?),
                })
            })
        })?)
    }

    fn purchased(&self, now: Timestamp) -> Result<HashSet<Sequence>, AccountError> {
        let sql = "SELECT DISTINCT sequence FROM purchases WHERE expires_at > ?1";
        let purchased = self.read("list what was purchased", |connection| {
            all(connection, sql, [now.0], |row| Ok(Sequence(Columns::new(row).number("purchases.sequence")?)))
        })?;
        Ok(purchased.into_iter().collect())
    }
}
