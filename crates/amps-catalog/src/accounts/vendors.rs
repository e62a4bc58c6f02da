//! Vendors, in rows.

use amps_core::accounts::{
    AccountError, Kind, NewVendor, Vendor, VendorCertificate, VendorChange, VendorId, VendorName, Vendors,
};
use amps_core::audit::{Action, NewAuditEntry};
use rusqlite::{Connection, Row, params};

use super::{count, grow, number, users};
use crate::{
    SqliteCatalog,
    columns::Columns,
    error::Fault,
    query::{all, one},
};

const SELECT: &str = "SELECT vendors.id, vendors.name, users.name, vendors.certificate \
    FROM vendors JOIN users ON users.id = vendors.user_id";

impl Vendors for SqliteCatalog {
    fn create_vendor(&self, vendor: &NewVendor) -> Result<VendorId, AccountError> {
        self.administer(
            "add a vendor",
            Action::VendorCreate,
            |entry| created(entry, vendor),
            |connection| {
                let NewVendor { name, user, certificate } = vendor;
                if find(connection, name)?.is_some() {
                    return Ok(Err(exists(name)));
                }
                let Some(user_id) = users::find(connection, user)? else {
                    return Ok(Err(users::missing(user)));
                };
                let sql = "INSERT INTO vendors (name, user_id, certificate) VALUES (?1, ?2, ?3) RETURNING id";
                let row = params![name.as_str(), user_id, certificate.as_ref().map(VendorCertificate::file)];
                let ids = all(connection, sql, row, |row| Columns::new(row).number("vendors.id"))?;
                grow(connection)?;
                Ok(Ok(VendorId(users::inserted("vendors.id", &ids)?)))
            },
        )
    }

    fn vendors(&self) -> Result<Vec<Vendor>, AccountError> {
        let sql = format!("{SELECT} ORDER BY vendors.name");
        Ok(self.read("list the vendors", |connection| all(connection, &sql, [], read))?)
    }

    fn vendor(&self, name: &VendorName) -> Result<Option<Vendor>, AccountError> {
        let sql = format!("{SELECT} WHERE vendors.name = ?1");
        Ok(self.read("find a vendor", |connection| one(connection, &sql, [name.as_str()], read))?)
    }

    fn change_vendor(&self, name: &VendorName, change: &VendorChange) -> Result<(), AccountError> {
        self.administer("change a vendor", Action::VendorChange, |entry| changed(entry.of(name.as_str()), change), |connection| {
            let VendorChange { name: new_name, user, certificate } = change;
            let Some(vendor) = find(connection, name)? else { return Ok(Err(missing(name))) };
            if let Some(new) = new_name
                && find(connection, new)?.is_some_and(|other| other != vendor)
            {
                return Ok(Err(exists(new)));
            }
            let user_id = match user {
                None => None,
                Some(user) => match users::find(connection, user)? {
                    None => return Ok(Err(users::missing(user))),
                    found => found,
                },
            };
            let sql =
                "UPDATE vendors SET name = coalesce(?2, name), user_id = coalesce(?3, user_id) WHERE id = ?1";
            connection.execute(sql, params![vendor, new_name.as_ref().map(VendorName::as_str), user_id])?;
            if let Some(certificate) = certificate.change() {
                let row = params![vendor, certificate.map(VendorCertificate::file)];
                connection.execute("UPDATE vendors SET certificate = ?2 WHERE id = ?1", row)?;
            }
            grow(connection)?;
            Ok(Ok(()))
        })
    }

    fn remove_vendor(&self, name: &VendorName) -> Result<(), AccountError> {
        self.administer(
            "remove a vendor",
            Action::VendorRemove,
            |entry| entry.of(name.as_str()),
            |connection| {
                let Some(vendor) = find(connection, name)? else { return Ok(Err(missing(name))) };
                let sql = "SELECT count(*) FROM store_entries WHERE vendor_id = ?1";
                let releases = count(connection, sql, [vendor])?;
                if releases > 0 {
                    let (kind, name) = (Kind::Vendor, name.to_string());
                    return Ok(Err(AccountError::InUse { kind, name, count: releases, users: "releases" }));
                }
                connection.execute("DELETE FROM vendors WHERE id = ?1", [vendor])?;
                grow(connection)?;
                Ok(Ok(()))
            },
        )
    }
}

/// The number of a vendor.
fn find(connection: &Connection, name: &VendorName) -> Result<Option<i64>, Fault> {
    number(connection, "SELECT id FROM vendors WHERE name = ?1", [name.as_str()], "vendors.id")
}

fn missing(name: &VendorName) -> AccountError {
    AccountError::Missing { kind: Kind::Vendor, name: name.to_string() }
}

fn exists(name: &VendorName) -> AccountError {
    AccountError::Exists { kind: Kind::Vendor, name: name.to_string() }
}

fn read(row: &Row<'_>) -> Result<Vendor, Fault> {
    let columns = &mut Columns::new(row);
    let (id, name) = (VendorId(columns.number("vendors.id")?), columns.parsed("vendors.name")?);
    let user = columns.parsed("users.name")?;
    let certificate = columns
        .optional_bytes("vendors.certificate")?
        .map(|file| {
            VendorCertificate::read(&file)
                .map_err(|error| Fault::damaged("vendors.certificate", amps_core::chain(&error)))
        })
        .transpose()?;
    Ok(Vendor { id, name, user, certificate })
}

/// What is known of a new vendor.
fn created(entry: NewAuditEntry, vendor: &NewVendor) -> NewAuditEntry {
    let entry = entry.of(vendor.name.as_str()).with("user", vendor.user.as_str());
    match &vendor.certificate {
        Some(certificate) => entry.with("certificate", certificate.fingerprint().to_string()),
        None => entry,
    }
}

/// What was changed of a vendor.
fn changed(mut entry: NewAuditEntry, change: &VendorChange) -> NewAuditEntry {
    let VendorChange { name, user, certificate } = change;
    if let Some(name) = name {
        entry = entry.with("name", name.as_str());
    }
    if let Some(user) = user {
        entry = entry.with("user", user.as_str());
    }
    match certificate.change() {
        Some(Some(certificate)) => entry.with("certificate", certificate.fingerprint().to_string()),
        Some(None) => entry.with("certificate", "removed"),
        None => entry,
    }
}
