//! The commands for users, vendors, categories, purchases and tokens. They change the catalog of a data directory, also while a server
//! runs in it.

mod catalog;
mod change_category;
mod change_vendor;
mod create_category;
mod create_user;
mod create_vendor;
mod expire_downloads;
mod list_categories;
mod list_users;
mod list_vendors;
mod new_password;
mod remove;
mod set_password;
mod set_user;
mod staff;
mod token;

pub(crate) use catalog::{Catalog, read};
pub(crate) use change_category::ChangeCategory;
pub(crate) use change_vendor::ChangeVendor;
pub(crate) use create_category::CreateCategory;
pub(crate) use create_user::{CreateSuperuser, CreateUser};
pub(crate) use create_vendor::CreateVendor;
pub(crate) use expire_downloads::ExpireDownloads;
pub(crate) use list_categories::ListCategories;
pub(crate) use list_users::ListUsers;
pub(crate) use list_vendors::ListVendors;
pub(crate) use remove::{RemoveCategory, RemoveUser, RemoveVendor};
pub(crate) use set_password::SetPassword;
pub(crate) use set_user::SetUser;
pub(crate) use token::Token;
