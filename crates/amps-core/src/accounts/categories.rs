//! Categories, in an order, with icons.

use super::{AccountError, CategoryName, Edit};

/// Numbers a category. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryId(pub u64);

/// A category, without its icon's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its number.
    pub id: CategoryId,
    /// Its name.
    pub name: CategoryName,
    /// Where it stands: the smaller, the earlier.
    pub position: u32,
    /// Whether it has an icon.
    pub has_icon: bool,
}

/// A category that is about to be known.
#[derive(Clone, Debug)]
pub struct NewCategory {
    /// Its name.
    pub name: CategoryName,
    /// Where it stands; without it, after all others.
    pub position: Option<u32>,
    /// Its icon.
    pub icon: Option<super::CategoryIcon>,
}

/// What is to be different about a category; what is missing stays.
#[derive(Clone, Debug, Default)]
pub struct CategoryChange {
    /// Another name.
    pub name: Option<CategoryName>,
    /// Another place.
    pub position: Option<u32>,
    /// Another icon.
    pub icon: Edit<super::CategoryIcon>,
}

/// What is known about categories. Every change lets the catalog's generation grow.
pub trait Categories: Send + Sync {
    /// Adds a category. [`AccountError::Exists`] if the name is taken.
    fn create_category(&self, category: &NewCategory) -> Result<CategoryId, AccountError>;

    /// All categories in their order: by position, then by number.
    fn categories(&self) -> Result<Vec<Category>, AccountError>;

    /// The category of this name.
    fn category(&self, name: &CategoryName) -> Result<Option<Category>, AccountError>;

    /// The icon of a category; none if there is no such category or it has none.
    fn category_icon(&self, category: CategoryId) -> Result<Option<super::CategoryIcon>, AccountError>;

    /// Changes a category; its releases go with it. [`AccountError::Exists`] if the new name is another category's, [`AccountError::Missing`]
    /// if there is no such category.
    fn change_category(&self, name: &CategoryName, change: &CategoryChange) -> Result<(), AccountError>;

    /// Puts all categories in this order, in one step: those that are named twice or not at all, or that there are not, are
    /// [`AccountError::Gone`], and nothing is changed.
    fn order_categories(&self, order: &[CategoryName]) -> Result<(), AccountError>;

    /// Removes a category. [`AccountError::InUse`] if releases belong to it.
    fn remove_category(&self, name: &CategoryName) -> Result<(), AccountError>;
}
