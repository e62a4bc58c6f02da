//! The list of all releases that look-ups ask.

use std::sync::{Arc, PoisonError};

use ampkg::PackageId;

use super::Store;
use crate::{
    error::Error,
    model::Release,
    view::{DeviceView, visible},
};

/// All releases at one moment, ordered by id, then architecture.
#[derive(Debug)]
pub struct Listing {
    generation: u64,
    releases: Vec<Release>,
}

impl Listing {
    /// The catalog's generation that this is.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// All of them.
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// Those of one id.
    pub fn of(&self, id: &PackageId) -> &[Release] {
        let start = self.releases.partition_point(|release| release.facts.id < *id);
        let rest = self.releases.get(start..).unwrap_or_default();
        let length = rest.partition_point(|release| release.facts.id == *id);
        rest.get(..length).unwrap_or_default()
    }

    /// The one of an id that a device may see.
    pub fn visible_of(&self, id: &PackageId, view: &DeviceView) -> Option<&Release> {
        visible(self.of(id), view).next()
    }
}

impl Store {
    /// All releases. Reads the catalog only if that has changed since the last call.
    pub fn listing(&self) -> Result<Arc<Listing>, Error> {
        let generation = self.parts.catalog.generation()?;
        let cached = self.listing.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(listing) = cached.filter(|listing| listing.generation == generation) {
            return Ok(listing);
        }
        // What changes from here on has a higher generation, so at worst the list is read once too often.
        let listing = Arc::new(Listing { generation, releases: self.parts.catalog.releases()? });
        *self.listing.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&listing));
        Ok(listing)
    }
}
