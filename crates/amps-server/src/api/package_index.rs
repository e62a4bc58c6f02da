//! What searching and sorting packages needs of a listing: worked out once, so that a search through a hundred thousand takes
//! milliseconds. It has places in place of releases, so that the listing can be brought up to date without being copied.

use std::{ops::Range, sync::OnceLock};

use amps_core::{Listing, Release};

use super::package_order::{Key, Place, Sort};

/// What is asked for of the releases of a listing.
pub(super) struct PackageIndex {
    /// What each release can be found by, one behind the other, in lower case.
    texts: String,
    /// Where each of them ends.
    text_ends: Vec<usize>,
    /// The releases of each package, in the order of the ids.
    packages: Vec<Range<usize>>,
    /// The packages in each order but that.
    by_name: OnceLock<Vec<usize>>,
    by_upload: OnceLock<Vec<usize>>,
    by_size: OnceLock<Vec<usize>>,
}

/// The packages of a listing in an order.
pub(super) struct Ordered<'i> {
    index: &'i PackageIndex,
    releases: &'i [Release],
    sort: Sort,
    order: Option<&'i [usize]>,
}

impl PackageIndex {
    pub(super) fn of(listing: &Listing) -> Self {
        let releases = listing.releases();
        let (mut texts, mut text_ends) = (String::new(), Vec::with_capacity(releases.len()));
        for release in releases {
            texts.push_str(&release.facts.id.as_str().to_lowercase());
            for name in release.facts.names.values() {
                texts.push('\n');
                texts.push_str(&name.to_lowercase());
            }
            text_ends.push(texts.len());
        }
        let mut packages = Vec::new();
        let mut start = 0;
        for of_one_id in releases.chunk_by(|a, b| a.facts.id == b.facts.id) {
            packages.push(start..start + of_one_id.len());
            start += of_one_id.len();
        }
        let (by_name, by_upload, by_size) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { texts, text_ends, packages, by_name, by_upload, by_size }
    }

    /// What the release at a place in the listing can be found by: its id and its names, in lower case.
    pub(super) fn text(&self, place: usize) -> &str {
        let end_of = |place: usize| self.text_ends.get(place).copied().unwrap_or_default();
        let start = place.checked_sub(1).map_or(0, end_of);
        self.texts.get(start..end_of(place)).unwrap_or_default()
    }

    /// The packages in an order; the listing is that which this was made of.
    pub(super) fn ordered<'i>(&'i self, listing: &'i Listing, sort: Sort) -> Ordered<'i> {
        let releases = listing.releases();
        let kept = match sort {
            Sort::Id => None,
            Sort::Name => Some(&self.by_name),
            Sort::UploadedAt => Some(&self.by_upload),
            Sort::SizeBytes => Some(&self.by_size),
        };
        let order = kept.map(|kept| {
            kept.get_or_init(|| {
                let mut order: Vec<usize> = (0..self.packages.len()).collect();
                // The ids decide between those that have the same key.
                order.sort_by_cached_key(|package| {
                    (Key::of(sort, self.releases_of(releases, *package)), *package)
                });
                order
            })
            .as_slice()
        });
        Ordered { index: self, releases, sort, order }
    }

    fn releases_of<'l>(&self, releases: &'l [Release], package: usize) -> &'l [Release] {
        self.packages.get(package).and_then(|range| releases.get(range.clone())).unwrap_or_default()
    }
}

impl<'i> Ordered<'i> {
    /// How many packages there are.
    pub(super) fn len(&self) -> usize {
        self.index.packages.len()
    }

    /// The releases of the package of a rank, and the place of the first in the listing.
    pub(super) fn package(&self, rank: usize) -> (usize, &'i [Release]) {
        let package = self.order.map_or(Some(rank), |order| order.get(rank).copied());
        let range = package.and_then(|package| self.index.packages.get(package)).cloned().unwrap_or(0..0);
        (range.start, self.releases.get(range).unwrap_or_default())
    }

    /// The ranks that are behind a place, for whoever goes upwards, or before it, for whoever goes downwards.
    pub(super) fn beyond(&self, place: &Place) -> Range<usize> {
        let (mut low, mut high) = (0, self.len());
        let is_passed = |rank: usize| {
            let found = Place::of(self.sort, self.package(rank).1);
            if place.is_descending { found < *place } else { found <= *place }
        };
        while low < high {
            let middle = low.midpoint(high);
            if is_passed(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if place.is_descending { 0..low } else { low..self.len() }
    }
}
