//! Whether anybody is left who may upload.

use std::io::Write as _;

use amps_catalog::SqliteCatalog;
use amps_cli::Failure;
use amps_core::accounts::{User, UserName, Users as _};

use super::catalog::failure;

/// The users who may upload, before something changes.
pub(super) struct Staff {
    before: Vec<UserName>,
}

impl Staff {
    /// Notes who may upload now.
    pub(super) fn note(catalog: &SqliteCatalog) -> Result<Self, Failure> {
        Ok(Self { before: names(catalog)? })
    }

    /// Warns if this user was the last one.
    pub(super) fn warn_of_last(&self, catalog: &SqliteCatalog, user: &UserName) -> Result<(), Failure> {
        if self.before.contains(user) && names(catalog)?.is_empty() {
            writeln!(
                amps_cli::stdout(),
                "warning: nobody may upload any more; amps create-superuser adds somebody who may, amps set-user \
                    --staff yes lets somebody"
            )?;
        }
        Ok(())
    }
}

fn names(catalog: &SqliteCatalog) -> Result<Vec<UserName>, Failure> {
    let may_upload = |user: &User| user.is_active && user.is_staff;
    Ok(catalog.users().map_err(failure)?.into_iter().filter(may_upload).map(|user| user.name).collect())
}
