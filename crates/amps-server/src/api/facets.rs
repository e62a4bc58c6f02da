//! `/facets`: what packages can be filtered by, and how many packages have it.

use std::collections::{BTreeMap, BTreeSet};

use amps_core::{Listing, accounts::PackageScope};
use axum::{extract::State, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Context, Failure,
    extract::NoQuery,
    operations::Operations,
    problem::work,
    representation::{prepared, private},
};
use crate::{
    access::{Permit, ToRead},
    content::Asked,
    deployment_server::Words,
};

/// Values of one kind, inclusive: packages may have any number of tags and categories.
const MOST_VALUES: usize = 1000;

/// What packages can be filtered by. Of each kind the 1,000 that most packages have, in the order of their names.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Facets {
    /// Architectures, in the words of a package server.
    architectures: Vec<Facet>,
    /// What packages are made for.
    tags: Vec<Facet>,
    /// Categories, of manifests and of the store.
    categories: Vec<Facet>,
    /// In whose name the store offers packages.
    vendors: Vec<Facet>,
}

/// Something that packages have.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Facet {
    /// What the filter is to be.
    name: String,
    /// How many packages have a release with it.
    package_count: u64,
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations.add(__path_show, show)
}

/// Tell what packages can be filtered by
#[utoipa::path(
    get, path = "/facets", tag = "packages",
    responses((status = 200, description = "What the packages have that the caller may see.", body = Facets)),
)]
async fn show(
    permit: Permit<ToRead>,
    _: NoQuery,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let offer = context.words.now(&context.store, &context.accounts).await?;
    let shared = context.clone();
    let text = work(move || {
        let make = || prepared(&Facets::of(&offer.listing, &offer.words, permit.scope()));
        match permit.scope() {
            None => shared.facets.of(offer.listing.generation(), make),
            Some(_) => Ok(make()?.into()),
        }
    })
    .await?;
    private(text, asked, &context).await
}

/// How many packages have each value of a kind.
#[derive(Default)]
struct Counts<'l> {
    all: BTreeMap<&'l str, u64>,
    of_package: BTreeSet<&'l str>,
}

impl Counts<'_> {
    fn end_package(&mut self) {
        for name in std::mem::take(&mut self.of_package) {
            *self.all.entry(name).or_default() += 1;
        }
    }

    fn facets(self) -> Vec<Facet> {
        let mut facets: Vec<_> = self.all.into_iter().collect();
        if facets.len() > MOST_VALUES {
            facets.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            facets.truncate(MOST_VALUES);
            facets.sort_unstable();
        }
        let facet = |(name, package_count): (&str, u64)| Facet { name: name.to_owned(), package_count };
        facets.into_iter().map(facet).collect()
    }
}

impl Facets {
    fn of(listing: &Listing, words: &Words, scope: Option<&PackageScope>) -> Self {
        let [mut architectures, mut tags, mut categories, mut vendors] = [(); 4].map(|()| Counts::default());
        for of_one_id in listing.releases().chunk_by(|a, b| a.facts.id == b.facts.id) {
            if !of_one_id.iter().all(|release| scope.is_none_or(|scope| scope.has(&release.facts.id))) {
                continue;
            }
            for release in of_one_id {
                let (facts, said) = (&release.facts, words.about(release));
                architectures.of_package.insert(facts.architecture.as_str());
                tags.of_package.extend(facts.tags.texts());
                categories.of_package.extend(facts.categories.iter().map(String::as_str));
                categories.of_package.extend(said.category.map(|category| category.name.as_str()));
                vendors.of_package.extend(Some(said.vendor).filter(|vendor| !vendor.is_empty()));
            }
            for counts in [&mut architectures, &mut tags, &mut categories, &mut vendors] {
                counts.end_package();
            }
        }
        Self {
            architectures: architectures.facets(),
            tags: tags.facets(),
            categories: categories.facets(),
            vendors: vendors.facets(),
        }
    }
}
