//! What a Deployment Server knows, a row of its database at a time.

use amps_core::accounts::PasswordHash;
use rusqlite::Connection;

use crate::{
    database::Fault,
    table::{Moment, Table, Unread},
};

/// By what a certificate that stands in the database itself is recognised.
const PEM: &[u8] = b"-----BEGIN";

/// All rows of a table, each taken over on its own.
pub(crate) type Rows<T> = Vec<Result<T, Unread>>;

pub(crate) struct UserRow {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// None: not one that is understood.
    pub(crate) password: Option<PasswordHash>,
    pub(crate) is_active: bool,
    pub(crate) is_staff: bool,
    pub(crate) joined: Option<Moment>,
}

pub(crate) struct VendorRow {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) user: i64,
    pub(crate) certificate: Option<CertificateOf>,
}

/// Where a vendor's certificate is.
pub(crate) enum CertificateOf {
    /// Here.
    Row(Vec<u8>),
    /// In a file of the media folder.
    File(String),
}

pub(crate) struct CategoryRow {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) rank: Option<i64>,
    /// A file of the media folder.
    pub(crate) icon: Option<String>,
}

pub(crate) struct AppRow {
    pub(crate) id: i64,
    /// A file of the media folder.
    pub(crate) file: String,
    pub(crate) app_id: Option<String>,
    pub(crate) vendor: i64,
    pub(crate) category: i64,
    pub(crate) brief_description: String,
    pub(crate) description: String,
    /// When it was uploaded.
    pub(crate) uploaded: Option<Moment>,
}

pub(crate) fn users(
    connection: &Connection,
    tables: &[String],
    budget: &mut usize,
) -> Result<Rows<UserRow>, Fault> {
    let mut table = Table::find(connection, tables, "auth_user")?;
    let name = table.column(&["username"])?;
    let password = table.column(&["password"])?;
    let is_active = table.column(&["is_active"])?;
    let is_staff = table.column(&["is_staff"])?;
    let is_superuser = table.optional(&["is_superuser"]);
    let joined = table.optional_moment(&["date_joined"]);
    table.read(budget, |cells| {
        Ok(UserRow {
            id: cells.id(),
            name: cells.text(name)?,
            password: cells.text(password)?.parse().ok(),
            is_active: cells.flag(Some(is_active))?,
            is_staff: cells.flag(Some(is_staff))? | cells.flag(is_superuser)?,
            joined: cells.optional_moment(joined)?,
        })
    })
}

pub(crate) fn vendors(
    connection: &Connection,
    tables: &[String],
    budget: &mut usize,
) -> Result<Rows<VendorRow>, Fault> {
    let mut table = Table::find(connection, tables, "store_vendor")?;
    let name = table.column(&["name"])?;
    let user = table.column(&["user_id", "user"])?;
    let certificate = table.optional(&["certificate", "cert"]);
    table.read(budget, |cells| {
        Ok(VendorRow {
            id: cells.id(),
            name: cells.text(name)?,
            user: cells.integer(user)?,
            certificate: cells.optional_bytes(certificate)?.and_then(certificate_of),
        })
    })
}

/// PEM stands in the row; so does DER, which is no text. Any other text is the name of a file.
fn certificate_of(bytes: Vec<u8>) -> Option<CertificateOf> {
    if bytes.trim_ascii().is_empty() {
        return None;
    }
    if bytes.windows(PEM.len()).any(|window| window == PEM) {
        return Some(CertificateOf::Row(bytes));
    }
    match String::from_utf8(bytes) {
        Ok(name) => Some(CertificateOf::File(name)),
        Err(error) => Some(CertificateOf::Row(error.into_bytes())),
    }
}

pub(crate) fn categories(
    connection: &Connection,
    tables: &[String],
    budget: &mut usize,
) -> Result<Rows<CategoryRow>, Fault> {
    let mut table = Table::find(connection, tables, "store_category")?;
    let name = table.column(&["name"])?;
    let rank = table.optional(&["rank", "order", "position"]);
    let icon = table.optional(&["icon"]);
    table.read(budget, |cells| {
        Ok(CategoryRow {
            id: cells.id(),
            name: cells.text(name)?,
            rank: cells.optional_integer(rank)?,
            icon: cells.optional_text(icon)?.filter(|name| !name.is_empty()),
        })
    })
}

pub(crate) fn apps(
    connection: &Connection,
    tables: &[String],
    budget: &mut usize,
) -> Result<Rows<AppRow>, Fault> {
    let mut table = Table::find(connection, tables, "store_app")?;
    let file = table.column(&["file"])?;
    let app_id = table.optional(&["appid"]);
    let vendor = table.column(&["vendor_id", "vendor"])?;
    let category = table.column(&["category_id", "category"])?;
    let brief_description = table.optional(&["briefDescription", "shortDescription"]);
    let description = table.optional(&["description"]);
    let modified = table.optional_moment(&["dateModified"]);
    let added = table.optional_moment(&["dateAdded"]);
    table.read(budget, |cells| {
        Ok(AppRow {
            id: cells.id(),
            file: cells.text(file)?,
            app_id: cells.optional_text(app_id)?.filter(|id| !id.is_empty()),
            vendor: cells.integer(vendor)?,
            category: cells.integer(category)?,
            brief_description: cells.optional_text(brief_description)?.unwrap_or_default(),
            description: cells.optional_text(description)?.unwrap_or_default(),
            uploaded: match cells.optional_moment(modified)? {
                Some(moment) => Some(moment),
                None => cells.optional_moment(added)?,
            },
        })
    })
}
