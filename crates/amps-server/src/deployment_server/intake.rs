//! Taking a package in with what is said about it: the rules that `upload` and the command beside the server share.

use std::{io::Read, sync::Arc};

use amps_core::{
    CatalogError, Clock, Error, Provenance, Security, StagedUpload, Store, Upload, UploadResult,
    accounts::{AccountError, Accounts, CategoryId, CategoryName, StoreEntry, Vendor, VendorName},
};

/// Takes packages in for the deployment server.
pub(crate) struct Intake {
    pub(crate) store: Arc<Store>,
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) security: Security,
    /// Says when something is said about a package.
    pub(crate) clock: Arc<dyn Clock>,
}

/// Where a package is to be offered, and in whose name.
pub(crate) struct Place {
    category: CategoryId,
    vendor: Vendor,
}

/// What is said about a package.
pub(crate) struct Texts {
    pub(crate) brief: String,
    pub(crate) description: String,
}

/// Why a package was not taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntakeError {
    /// Nothing has the name that was given as the category's.
    #[error("there is no such category")]
    NoCategory,
    /// Nothing has the name that was given as the vendor's.
    #[error("there is no such vendor")]
    NoVendor,
    /// The store did not take the package; whoever is told of the store's events knows.
    #[error(transparent)]
    Package(Error),
    /// What is known about accounts cannot be had.
    #[error(transparent)]
    Accounts(AccountError),
}

impl From<Error> for IntakeError {
    fn from(error: Error) -> Self {
        match error {
            Error::Catalog(CatalogError::Gone { what: "category" }) => Self::NoCategory,
            Error::Catalog(CatalogError::Gone { what: "vendor" }) => Self::NoVendor,
            error => Self::Package(error),
        }
    }
}

impl From<AccountError> for IntakeError {
    fn from(error: AccountError) -> Self {
        match error {
            // Somebody has removed it this very moment.
            AccountError::Gone { what: "category" } => Self::NoCategory,
            AccountError::Gone { what: "vendor" } => Self::NoVendor,
            error => Self::Accounts(error),
        }
    }
}

impl Intake {
    /// Finds category and vendor by their names, in this order.
    pub(crate) fn place(&self, category: &str, vendor: &str) -> Result<Place, IntakeError> {
        let category = match category.parse::<CategoryName>() {
            Ok(name) => self.accounts.category(&name)?,
            Err(_) => None,
        };
        let category = category.ok_or(IntakeError::NoCategory)?.id;
        let vendor = match vendor.parse::<VendorName>() {
            Ok(name) => self.accounts.vendor(&name)?,
            Err(_) => None,
        };
        Ok(Place { category, vendor: vendor.ok_or(IntakeError::NoVendor)? })
    }

    /// Reads a package to its end and verifies it. Nobody sees it yet.
    pub(crate) fn stage(&self, source: impl Read, by: &str) -> Result<StagedUpload, Error> {
        self.store.stage_for_deployment(source, by, self.security)
    }

    /// Makes a package a release with what is said about it, if it came from the vendor.
    pub(crate) fn publish(
        &self,
        place: Place,
        texts: Texts,
        package: Result<StagedUpload, Error>,
        from: &Provenance,
    ) -> Result<Upload, IntakeError> {
        let Place { category, vendor } = place;
        let checked = package.and_then(|package| {
            package.check_vendor(vendor.certificate.as_ref())?;
            Ok(package)
        });
        let package = checked.inspect_err(|error| self.store.refused(from, error))?;
        let entry = StoreEntry {
            category,
            vendor: vendor.id,
            brief_description: texts.brief,
            description: texts.description,
        };
        let upload = self.store.publish_staged(package.with_entry(entry.clone())?, from)?;
        if upload.result == UploadResult::Unchanged {
            // The release was there already: then nothing else is said about it than before.
            let noted = self
                .accounts
                .on_behalf_of(from.cause.clone(), self.clock.now())
                .set_store_entry(upload.sequence, &entry);
            self.store.catalog_has_changed();
            noted?;
        }
        Ok(upload)
    }
}
