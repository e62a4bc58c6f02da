//! Vendors: in whose name packages are offered.

use super::{AccountError, Edit, UserName, VendorCertificate, VendorName};

/// Numbers a vendor. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VendorId(pub u64);

/// A vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vendor {
    /// Its number.
    pub id: VendorId,
    /// Its name.
    pub name: VendorName,
    /// The name of the user who stands for it.
    pub user: UserName,
    /// If it has one, what is uploaded for it must be signed by this certificate while signatures are verified.
    pub certificate: Option<VendorCertificate>,
}

/// A vendor that is about to be known.
#[derive(Clone, Debug)]
pub struct NewVendor {
    /// Its name.
    pub name: VendorName,
    /// The name of the user who stands for it.
    pub user: UserName,
    /// By what its packages must be signed, if by anything in particular.
    pub certificate: Option<VendorCertificate>,
}

/// What is to be different about a vendor; what is missing stays.
#[derive(Clone, Debug, Default)]
pub struct VendorChange {
    /// Another name.
    pub name: Option<VendorName>,
    /// Another user who stands for it.
    pub user: Option<UserName>,
    /// By what packages that come from now on must be signed.
    pub certificate: Edit<VendorCertificate>,
}

/// What is known about vendors. Every change lets the catalog's generation grow, because lists show their names.
pub trait Vendors: Send + Sync {
    /// Adds a vendor. [`AccountError::Exists`] if the name is taken, [`AccountError::Missing`] if there is no such user.
    fn create_vendor(&self, vendor: &NewVendor) -> Result<VendorId, AccountError>;

    /// All vendors, ordered by name.
    fn vendors(&self) -> Result<Vec<Vendor>, AccountError>;

    /// The vendor of this name.
    fn vendor(&self, name: &VendorName) -> Result<Option<Vendor>, AccountError>;

    /// Changes a vendor; its releases go with it. [`AccountError::Exists`] if the new name is another vendor's, [`AccountError::Missing`] if
    /// there is no such vendor, or no such user.
    fn change_vendor(&self, name: &VendorName, change: &VendorChange) -> Result<(), AccountError>;

    /// Removes a vendor. [`AccountError::InUse`] if releases are offered in its name.
    fn remove_vendor(&self, name: &VendorName) -> Result<(), AccountError>;
}
