//! Categories, in rows.

use std::collections::HashSet;

use amps_core::accounts::{
    AccountError, Categories, Category, CategoryChange, CategoryIcon, CategoryId, CategoryName, Kind,
    NewCategory,
};
use amps_core::audit::{Action, NewAuditEntry};
use rusqlite::{Connection, Row, params};

use super::{count, grow, number, users::inserted};
use crate::{
    SqliteCatalog,
    columns::Columns,
    error::Fault,
    query::{all, one},
};

const COLUMNS: &str = "id, name, position, icon IS NOT NULL";

impl Categories for SqliteCatalog {
    fn create_category(&self, category: &NewCategory) -> Result<CategoryId, AccountError> {
        self.administer(
            "add a category",
            Action::CategoryCreate,
            |entry| entry.of(category.name.as_str()),
            |connection| {
                let NewCategory { name, position, icon } = category;
                if find(connection, name)?.is_some() {
                    return Ok(Err(exists(name)));
                }
                // After all others; beside the last one if there is no room behind it.
                let sql = "INSERT INTO categories (name, position, icon) VALUES (?1, coalesce(?2, \
                (SELECT min(max(position) + 1, 4294967295) FROM categories), 0), ?3) RETURNING id";
                let row = params![name.as_str(), position, icon.as_ref().map(CategoryIcon::file)];
                let ids = all(connection, sql, row, |row| Columns::new(row).number("categories.id"))?;
                grow(connection)?;
                Ok(Ok(CategoryId(inserted("categories.id", &ids)?)))
            },
        )
    }

    fn categories(&self) -> Result<Vec<Category>, AccountError> {
        let sql = format!("SELECT {COLUMNS} FROM categories ORDER BY position, id");
        Ok(self.read("list the categories", |connection| all(connection, &sql, [], read))?)
    }

    fn category(&self, name: &CategoryName) -> Result<Option<Category>, AccountError> {
        let sql = format!("SELECT {COLUMNS} FROM categories WHERE name = ?1");
        Ok(self.read("find a category", |connection| one(connection, &sql, [name.as_str()], read))?)
    }

    fn category_icon(&self, category: CategoryId) -> Result<Option<CategoryIcon>, AccountError> {
        let Ok(id) = i64::try_from(category.0) else { return Ok(None) };
        let sql = "SELECT icon FROM categories WHERE id = ?1";
        let icon = self.read("find the icon of a category", |connection| {
            one(connection, sql, [id], |row| Columns::new(row).optional_bytes("categories.icon"))
        })?;
        Ok(icon.flatten().map(CategoryIcon::of_catalog))
    }

    fn change_category(&self, name: &CategoryName, change: &CategoryChange) -> Result<(), AccountError> {
        self.administer("change a category", Action::CategoryChange, |entry| changed(entry.of(name.as_str()), change), |connection| {
            let CategoryChange { name: new_name, position, icon } = change;
            let Some(category) = find(connection, name)? else { return Ok(Err(missing(name))) };
            if let Some(new) = new_name
                && find(connection, new)?.is_some_and(|other| other != category)
            {
                return Ok(Err(exists(new)));
            }
            let sql =
                "UPDATE categories SET name = coalesce(?2, name), position = coalesce(?3, position) WHERE id = ?1";
            connection.execute(sql, params![category, new_name.as_ref().map(CategoryName::as_str), position])?;
            if let Some(icon) = icon.change() {
                let row = params![category, icon.map(CategoryIcon::file)];
                connection.execute("UPDATE categories SET icon = ?2 WHERE id = ?1", row)?;
            }
            grow(connection)?;
            Ok(Ok(()))
        })
    }

    fn order_categories(&self, order: &[CategoryName]) -> Result<(), AccountError> {
        let say = |entry: NewAuditEntry| {
            let names: Vec<&str> = order.iter().map(CategoryName::as_str).collect();
            entry.with("order", names.join(", "))
        };
        self.administer("order the categories", Action::CategoryChange, say, |connection| {
            let mut known: HashSet<String> = HashSet::new();
            for name in all(connection, "SELECT name FROM categories", [], |row| {
                Columns::new(row).text("categories.name")
            })? {
                known.insert(name);
            }
            let is_all = known.len() == order.len() && order.iter().all(|name| known.remove(name.as_str()));
            if !is_all {
                return Ok(Err(AccountError::Gone { what: "set of categories" }));
            }
            let sql = "UPDATE categories SET position = ?2 WHERE name = ?1 AND position <> ?2";
            let mut statement = connection.prepare(sql)?;
            for (position, name) in (0_u32..).zip(order) {
                statement.execute(params![name.as_str(), position])?;
            }
            grow(connection)?;
            Ok(Ok(()))
        })
    }

    fn remove_category(&self, name: &CategoryName) -> Result<(), AccountError> {
        self.administer(
            "remove a category",
            Action::CategoryRemove,
            |entry| entry.of(name.as_str()),
            |connection| {
                let Some(category) = find(connection, name)? else { return Ok(Err(missing(name))) };
                let sql = "SELECT count(*) FROM store_entries WHERE category_id = ?1";
                let releases = count(connection, sql, [category])?;
                if releases > 0 {
                    let (kind, name) = (Kind::Category, name.to_string());
                    return Ok(Err(AccountError::InUse { kind, name, count: releases, users: "releases" }));
                }
                connection.execute("DELETE FROM categories WHERE id = ?1", [category])?;
                grow(connection)?;
                Ok(Ok(()))
            },
        )
    }
}

/// What was changed of a category.
fn changed(mut entry: NewAuditEntry, change: &CategoryChange) -> NewAuditEntry {
    let CategoryChange { name, position, icon } = change;
    if let Some(name) = name {
        entry = entry.with("name", name.as_str());
    }
    if let Some(position) = position {
        entry = entry.with("position", position.to_string());
    }
    match icon.change() {
        Some(Some(_)) => entry.with("icon", "put"),
        Some(None) => entry.with("icon", "removed"),
        None => entry,
    }
}

/// The number of a category.
fn find(connection: &Connection, name: &CategoryName) -> Result<Option<i64>, Fault> {
    number(connection, "SELECT id FROM categories WHERE name = ?1", [name.as_str()], "categories.id")
}

fn missing(name: &CategoryName) -> AccountError {
    AccountError::Missing { kind: Kind::Category, name: name.to_string() }
}

fn exists(name: &CategoryName) -> AccountError {
    AccountError::Exists { kind: Kind::Category, name: name.to_string() }
}

fn read(row: &Row<'_>) -> Result<Category, Fault> {
    let columns = &mut Columns::new(row);
    Ok(Category {
        id: CategoryId(columns.number("categories.id")?),
        name: columns.parsed("categories.name")?,
        position: columns.number("categories.position")?,
        has_icon: columns.flag("categories.icon")?,
    })
}
