//! All that is taken over of a database, read in one transaction, so that a server that writes meanwhile is not in the way.

use std::path::Path;

use crate::{
    database::{self, DatabaseError, Fault},
    rows::{AppRow, CategoryRow, Rows, UserRow, VendorRow, apps, categories, users, vendors},
    table,
};

/// Tables of the store that are taken over, or of which nothing is to be taken over: what they say about tags stands in packages.
const KNOWN: &[&str] = &["store_vendor", "store_category", "store_app", "store_tag", "store_app_tags"];

/// What the database of a Deployment Server says.
pub struct Source {
    pub(crate) users: Rows<UserRow>,
    pub(crate) vendors: Rows<VendorRow>,
    pub(crate) categories: Rows<CategoryRow>,
    pub(crate) apps: Rows<AppRow>,
    unknown_tables: Vec<String>,
}

impl Source {
    /// Reads a database. Rows that cannot be read are told when the rest is taken over.
    pub fn read(path: &Path) -> Result<Self, DatabaseError> {
        read(path).map_err(|fault| fault.of(path))
    }

    /// The store's tables of which nothing is known, and so nothing is taken over.
    pub fn unknown_tables(&self) -> &[String] {
        &self.unknown_tables
    }
}

fn read(path: &Path) -> Result<Source, Fault> {
    let connection = database::open(path)?;
    let transaction = connection.unchecked_transaction()?;
    let tables = database::tables(&transaction)?;
    let mut budget = table::budget();
    let is_unknown = |name: &&String| name.starts_with("store_") && !KNOWN.contains(&name.as_str());
    // Whatever else is wrong, all tables are looked for before any of them is read.
    for name in ["auth_user", "store_vendor", "store_category", "store_app"] {
        table::Table::find(&transaction, &tables, name)?;
    }
    Ok(Source {
        users: users(&transaction, &tables, &mut budget)?,
        vendors: vendors(&transaction, &tables, &mut budget)?,
        categories: categories(&transaction, &tables, &mut budget)?,
        apps: in_order_of_upload(apps(&transaction, &tables, &mut budget)?),
        unknown_tables: tables.iter().filter(is_unknown).cloned().collect(),
    })
}

/// What was uploaded last comes last; what has no time, before all others.
fn in_order_of_upload(mut apps: Rows<AppRow>) -> Rows<AppRow> {
    apps.sort_by_key(|row| row.as_ref().ok().map(|row| (row.uploaded, row.id)));
    apps
}
