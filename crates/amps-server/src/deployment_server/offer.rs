//! What the store offers: releases with what it says about them, and lists of them as they are sent.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use amps_core::{
    Error, Listing, Release, Sequence, Store,
    accounts::{AccountError, Accounts, Category, CategoryId, StoreEntry, VendorId},
};
use axum::body::Bytes;
use tokio::sync::Mutex;

use crate::answer::{Problem, blocking};

/// Everything of one generation of the catalog that lists show.
pub(crate) struct Offer {
    pub(crate) listing: Arc<Listing>,
    pub(crate) words: Arc<Words>,
}

/// What the store says about itself and its releases, beside these. Kept without the list of releases, which so can be brought up to
/// date without being copied.
pub(crate) struct Words {
    /// The catalog's generation that this is of.
    generation: u64,
    /// In their order.
    pub(crate) categories: Vec<Category>,
    /// Their icons as they are sent, if they have one.
    icons: HashMap<CategoryId, OnceLock<Option<Bytes>>>,
    vendors: HashMap<VendorId, String>,
    /// What the store says; the descriptions are left out.
    entries: HashMap<Sequence, StoreEntry>,
}

/// What the store says about one release in lists.
pub(crate) struct Said<'o> {
    /// The category that the store has put it into.
    pub(crate) category: Option<&'o Category>,
    /// Who offers it; nobody, if it came in by another way.
    pub(crate) vendor: &'o str,
    /// What the store says in short; for a package that came in by another way, what its manifest says.
    pub(crate) brief_description: &'o str,
}

impl Offer {
    fn read(store: &Store, accounts: &dyn Accounts, before: Option<Words>) -> Result<Self, Problem> {
        // First: what changes afterwards has a later generation, and is read again.
        let listing = store.listing()?;
        let words = Arc::new(Words::read(listing.generation(), accounts, before)?);
        Ok(Self { listing, words })
    }
}

impl Words {
    fn read(generation: u64, accounts: &dyn Accounts, before: Option<Self>) -> Result<Self, Problem> {
        let categories = accounts.categories()?;
        let vendors = accounts.vendors()?.into_iter().map(|vendor| (vendor.id, vendor.name.to_string()));
        Ok(Self {
            generation,
            icons: categories.iter().map(|category| (category.id, OnceLock::new())).collect(),
            vendors: vendors.collect(),
            entries: entries(accounts, before)?,
            categories,
        })
    }

    /// What the store says about a release.
    pub(crate) fn about<'o>(&'o self, release: &'o Release) -> Said<'o> {
        let Some(entry) = self.entries.get(&release.sequence) else {
            let brief_description = in_english(&release.facts.descriptions).unwrap_or_default();
            return Said { category: None, vendor: "", brief_description };
        };
        Said {
            category: self.categories.iter().find(|category| category.id == entry.category),
            vendor: self.vendors.get(&entry.vendor).map_or("", String::as_str),
            brief_description: &entry.brief_description,
        }
    }

    /// The icon of a category as it is sent; none if there is no such category or it has none. May take long the first time.
    pub(crate) fn icon(
        &self,
        category: CategoryId,
        make: impl FnOnce() -> Result<Option<Bytes>, Problem>,
    ) -> Result<Option<Bytes>, Problem> {
        let Some(icon) = self.icons.get(&category) else { return Ok(None) };
        match icon.get() {
            Some(icon) => Ok(icon.clone()),
            None => make().map(|made| icon.get_or_init(|| made).clone()),
        }
    }
}

/// What is said about each release: what was said before, with what has changed since, or all of it anew.
fn entries(
    accounts: &dyn Accounts,
    before: Option<Words>,
) -> Result<HashMap<Sequence, StoreEntry>, AccountError> {
    let changes = match &before {
        Some(before) => accounts.store_entries_since(before.generation)?,
        None => None,
    };
    let (Some(before), Some(changes)) = (before, changes) else {
        return Ok(accounts.store_entries()?.into_iter().collect());
    };
    let mut entries = before.entries;
    for (release, entry) in changes.entries {
        match entry {
            Some(entry) => entries.insert(release, entry),
            None => entries.remove(&release),
        };
    }
    Ok(entries)
}

/// What a package is called.
pub(crate) fn name(release: &Release) -> &str {
    in_english(&release.facts.names).unwrap_or(release.facts.id.as_str())
}

/// The text in English, else that in American English, else the first.
pub(crate) fn in_english(texts: &std::collections::BTreeMap<String, String>) -> Option<&str> {
    let text = texts.get("en").or_else(|| texts.get("en_US")).or_else(|| texts.values().next());
    text.map(String::as_str)
}

/// What the store says now, read when it is first asked for and then shared until the catalog changes.
#[derive(Default)]
pub(crate) struct Offers {
    kept: RwLock<Option<Arc<Words>>>,
    /// Held while it is read, so that nobody reads it twice.
    making: Mutex<()>,
}

impl Offers {
    /// The offer as it is now.
    pub(crate) async fn now(
        &self,
        store: &Arc<Store>,
        accounts: &Arc<dyn Accounts>,
    ) -> Result<Offer, Problem> {
        if let Some(offer) = self.find(store)? {
            return Ok(offer);
        }
        let _making = self.making.lock().await;
        if let Some(offer) = self.find(store)? {
            return Ok(offer);
        }
        // If somebody is still reading what was kept, it is not worth waiting for.
        let before =
            self.kept.write().unwrap_or_else(PoisonError::into_inner).take().and_then(Arc::into_inner);
        let (store, accounts) = (Arc::clone(store), Arc::clone(accounts));
        let offer = blocking(move || Offer::read(&store, &*accounts, before)).await?;
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&offer.words));
        Ok(offer)
    }

    fn find(&self, store: &Store) -> Result<Option<Offer>, Error> {
        let listing = store.listing()?;
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let words = kept.as_ref().filter(|words| words.generation == listing.generation()).map(Arc::clone);
        Ok(words.map(|words| Offer { listing, words }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_goes_before_the_first_language() {
        for (texts, expected) in [
            (&[("de", "D"), ("en", "E"), ("en_US", "U")][..], Some("E")),
            (&[("de", "D"), ("en_US", "U")], Some("U")),
            (&[("fr", "F"), ("de", "D")], Some("D")),
            (&[], None),
        ] {
            let texts = texts.iter().map(|(language, text)| ((*language).into(), (*text).into())).collect();
            assert_eq!(in_english(&texts), expected);
        }
    }
}
