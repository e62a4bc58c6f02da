//! What the store offers: releases with what it says about them, and lists of them as they are sent.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use amps_core::{
    Error, Listing, Release, Sequence, Store,
    accounts::{Accounts, Category, CategoryId, StoreEntry, VendorId},
};
use axum::body::Bytes;
use tokio::sync::Mutex;

use super::Context;
use crate::answer::{Problem, blocking};

/// Everything of one generation of the catalog that lists show.
pub(super) struct Offer {
    pub(super) listing: Arc<Listing>,
    /// In their order.
    pub(super) categories: Vec<Category>,
    /// Their icons as they are sent, if they have one.
    icons: HashMap<CategoryId, OnceLock<Option<Bytes>>>,
    vendors: HashMap<VendorId, String>,
    /// What the store says; the descriptions are left out.
    entries: HashMap<Sequence, StoreEntry>,
}

impl Offer {
    fn read(store: &Store, accounts: &dyn Accounts) -> Result<Self, Problem> {
        // First: what changes afterwards has a later generation, and is read again.
        let listing = store.listing()?;
        let categories = accounts.categories()?;
        let vendors = accounts.vendors()?.into_iter().map(|vendor| (vendor.id, vendor.name.to_string()));
        Ok(Self {
            icons: categories.iter().map(|category| (category.id, OnceLock::new())).collect(),
            vendors: vendors.collect(),
            entries: accounts.store_entries()?.into_iter().collect(),
            listing,
            categories,
        })
    }

    /// The category that the store has put a release into.
    pub(super) fn category(&self, release: &Release) -> Option<&Category> {
        let entry = self.entries.get(&release.sequence)?;
        self.categories.iter().find(|category| category.id == entry.category)
    }

    /// Who offers it; nobody, if it came in by another way.
    pub(super) fn vendor(&self, release: &Release) -> &str {
        let entry = self.entries.get(&release.sequence);
        entry.and_then(|entry| self.vendors.get(&entry.vendor)).map_or("", String::as_str)
    }

    /// What the store says in short; for a package that came in by another way, what its manifest says.
    pub(super) fn brief_description<'o>(&'o self, release: &'o Release) -> &'o str {
        match self.entries.get(&release.sequence) {
            Some(entry) => &entry.brief_description,
            None => in_english(&release.facts.descriptions).unwrap_or_default(),
        }
    }

    /// The icon of a category as it is sent; none if there is no such category or it has none. May take long the first time.
    pub(super) fn icon(
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

/// What a package is called.
pub(super) fn name(release: &Release) -> &str {
    in_english(&release.facts.names).unwrap_or(release.facts.id.as_str())
}

/// The text in English, else that in American English, else the first.
pub(crate) fn in_english(texts: &std::collections::BTreeMap<String, String>) -> Option<&str> {
    let text = texts.get("en").or_else(|| texts.get("en_US")).or_else(|| texts.values().next());
    text.map(String::as_str)
}

/// The offer of now, made when it is first asked for and then shared until the catalog changes.
#[derive(Default)]
pub(super) struct Offers {
    kept: RwLock<Option<Arc<Offer>>>,
    /// Held while one is made, so that nobody makes it twice.
    making: Mutex<()>,
}

impl Offers {
    /// The offer as it is now.
    pub(super) async fn now(&self, context: &Context) -> Result<Arc<Offer>, Problem> {
        if let Some(offer) = self.find(&context.store)? {
            return Ok(offer);
        }
        let _making = self.making.lock().await;
        if let Some(offer) = self.find(&context.store)? {
            return Ok(offer);
        }
        let (store, accounts) = (Arc::clone(&context.store), Arc::clone(&context.accounts));
        let offer = Arc::new(blocking(move || Offer::read(&store, &*accounts)).await?);
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&offer));
        Ok(offer)
    }

    fn find(&self, store: &Store) -> Result<Option<Arc<Offer>>, Error> {
        let generation = store.listing()?.generation();
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        Ok(kept.as_ref().filter(|offer| offer.listing.generation() == generation).map(Arc::clone))
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
