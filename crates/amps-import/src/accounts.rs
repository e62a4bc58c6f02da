//! Users, vendors and categories, each found again by its name.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use amps_core::{
    Security, Timestamp,
    accounts::{
        AccountError, CategoryIcon, CategoryName, MAX_ICON_BYTES, MAX_VENDOR_CERTIFICATE_BYTES, NewCategory,
        NewUser, NewVendor, PasswordHash, UserName, VendorCertificate, VendorName,
    },
    chain,
};

use crate::{
    import::{Import, ImportError, Progress},
    line::Subject,
    rows::{CategoryRow, CertificateOf, Rows, UserRow, VendorRow},
    table::Moment,
};

impl Import<'_> {
    pub(crate) fn users(
        &self,
        rows: &Rows<UserRow>,
        now: Timestamp,
        progress: &mut Progress<'_>,
    ) -> Result<(), ImportError> {
        let mut known: HashSet<UserName> = self.accounts.users()?.into_iter().map(|user| user.name).collect();
        for row in rows {
            let row = match row {
                Ok(row) => row,
                Err(unread) => {
                    progress.unread(Subject::User, unread);
                    continue;
                }
            };
            let name: UserName = match row.name.parse() {
                Ok(name) => name,
                Err(error) => {
                    progress.refused(Subject::User, place("auth_user", row.id), error.to_string());
                    continue;
                }
            };
            progress.users.insert(row.id, name.clone());
            if known.contains(&name) || !self.create_user(row, &name, now)? {
                progress.known(Subject::User);
                continue;
            }
            progress.added(Subject::User, name.as_str());
            if row.password.is_none() {
                let note = "no password opens it: its hash is neither pbkdf2_sha256 nor argon2id; set another one with \
                    amps set-password";
                progress.noted(Subject::User, name.as_str(), note);
            }
            known.insert(name);
        }
        Ok(())
    }

    /// False: somebody else was faster.
    fn create_user(&self, row: &UserRow, name: &UserName, now: Timestamp) -> Result<bool, ImportError> {
        let password = row.password.clone().unwrap_or_else(PasswordHash::of_none);
        let user = NewUser { name: name.clone(), password, is_active: row.is_active, is_staff: row.is_staff };
        is_new(self.accounts.create_user(&user, row.joined.map_or(now, Moment::timestamp)).map(drop))
    }

    pub(crate) fn vendors(
        &self,
        rows: &Rows<VendorRow>,
        progress: &mut Progress<'_>,
    ) -> Result<(), ImportError> {
        let mut first_rows = HashMap::new();
        for row in rows {
            let row = match row {
                Ok(row) => row,
                Err(unread) => {
                    progress.unread(Subject::Vendor, unread);
                    continue;
                }
            };
            let name: VendorName = match row.name.parse() {
                Ok(name) => name,
                Err(error) => {
                    progress.refused(Subject::Vendor, place("store_vendor", row.id), error.to_string());
                    continue;
                }
            };
            match first_rows.entry(name.clone()) {
                Entry::Vacant(entry) => drop(entry.insert(row.id)),
                // Another company's certificate must not stand for its packages.
                Entry::Occupied(entry) => {
                    let reason = format!("row {} has the same name", entry.get());
                    progress.refused(Subject::Vendor, place("store_vendor", row.id), reason);
                    continue;
                }
            }
            if let Some(vendor) = self.accounts.vendor(&name)? {
                progress.vendors.insert(row.id, vendor);
                progress.known(Subject::Vendor);
                continue;
            }
            let Some(user) = progress.users.get(&row.user).cloned() else {
                let reason =
                    format!("there is no user for it: row {} of auth_user is missing or refused", row.user);
                progress.refused(Subject::Vendor, name.as_str(), reason);
                continue;
            };
            let certificate = match (self.certificate(row), self.security) {
                (Ok(certificate), _) => Ok(certificate),
                (Err(reason), Security::On) => Err(format!("its certificate cannot be used: {reason}")),
                // A server that verifies nothing lets anything stand there.
                (Err(reason), Security::Off) => {
                    let note =
                        format!("it has no certificate any more, because that cannot be used: {reason}");
                    progress.noted(Subject::Vendor, name.as_str(), note);
                    Ok(None)
                }
            };
            let certificate = match certificate {
                Ok(certificate) => certificate,
                Err(reason) => {
                    progress.refused(Subject::Vendor, name.as_str(), reason);
                    continue;
                }
            };
            let vendor = NewVendor { name: name.clone(), user, certificate };
            let is_new = is_new(self.accounts.create_vendor(&vendor).map(drop))?;
            progress.there(Subject::Vendor, name.as_str(), is_new);
            progress.vendors.extend(self.accounts.vendor(&name)?.map(|vendor| (row.id, vendor)));
        }
        Ok(())
    }

    fn certificate(&self, row: &VendorRow) -> Result<Option<VendorCertificate>, String> {
        let bytes = match &row.certificate {
            None => return Ok(None),
            Some(CertificateOf::Row(bytes)) => bytes,
            Some(CertificateOf::File(name)) => {
                &self.media.bytes(name, MAX_VENDOR_CERTIFICATE_BYTES).map_err(|error| chain(&error))?
            }
        };
        VendorCertificate::read(bytes).map(Some).map_err(|error| chain(&error))
    }

    pub(crate) fn categories(
        &self,
        rows: &Rows<CategoryRow>,
        progress: &mut Progress<'_>,
    ) -> Result<(), ImportError> {
        let mut in_order: Vec<&CategoryRow> = Vec::new();
        for row in rows {
            match row {
                Ok(row) => in_order.push(row),
                Err(unread) => progress.unread(Subject::Category, unread),
            }
        }
        // Of the same position, what is added first comes first; what has none comes behind all others.
        in_order.sort_by_key(|row| (row.rank.is_none(), row.rank, row.id));
        for row in in_order {
            let name: CategoryName = match row.name.parse() {
                Ok(name) => name,
                Err(error) => {
                    progress.refused(Subject::Category, place("store_category", row.id), error.to_string());
                    continue;
                }
            };
            if let Some(category) = self.accounts.category(&name)? {
                progress.categories.insert(row.id, category.id);
                progress.known(Subject::Category);
                continue;
            }
            let icon = row.icon.as_ref().map(|file| self.icon(file)).transpose();
            let icon = icon.unwrap_or_else(|reason| {
                progress.noted(
                    Subject::Category,
                    name.as_str(),
                    format!("its icon was not taken over: {reason}"),
                );
                None
            });
            let position = row.rank.map(|rank| u32::try_from(rank.max(0)).unwrap_or(u32::MAX));
            let category = NewCategory { name: name.clone(), position, icon };
            let is_new = is_new(self.accounts.create_category(&category).map(drop))?;
            progress.there(Subject::Category, name.as_str(), is_new);
            let category = self.accounts.category(&name)?;
            progress.categories.extend(category.map(|category| (row.id, category.id)));
        }
        Ok(())
    }

    fn icon(&self, file: &str) -> Result<CategoryIcon, String> {
        let bytes = self.media.bytes(file, MAX_ICON_BYTES).map_err(|error| chain(&error))?;
        CategoryIcon::read(bytes).map_err(|error| chain(&error))
    }
}

/// What stands for something that has no name.
fn place(table: &str, id: i64) -> String {
    format!("{id} of {table}")
}

/// False: somebody else has added it meanwhile.
fn is_new(result: Result<(), AccountError>) -> Result<bool, ImportError> {
    match result {
        Ok(()) => Ok(true),
        Err(AccountError::Exists { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
