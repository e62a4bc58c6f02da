//! `/packages`: what there is, by id.

use std::collections::{BTreeMap, BTreeSet};

use amps_core::{Listing, Origin, PackageId, Release as Known, accounts::PackageScope};
use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Context, Failure,
    author::Author,
    extract::{Named, NoQuery, Query, Text},
    operations::Operations,
    paging::{Cursor, Limit, Page, Paging},
    problem::work,
    release::ReleaseSummary,
    representation::{Expected, answer},
    responses::{Changed, NotFound},
};
use crate::{
    access::{Permit, ToRead, ToRemove},
    content::Asked,
    deployment_server::Words,
};

/// A package: all releases of an id.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Package {
    /// Its id.
    id: String,
    /// Its names by language, as the latest release has them.
    names: BTreeMap<String, String>,
    /// For which architectures there are releases, in the words of a package server.
    architectures: Vec<String>,
    /// How many releases there are.
    release_count: u64,
    /// Bytes of all releases.
    size_bytes: u64,
    /// The release that was uploaded last.
    latest: ReleaseSummary,
}

/// Which packages. A package is meant if one of its releases is everything that is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// What the id begins with.
    id_prefix: Option<String>,
    /// What the id, or a name in any language, contains; upper and lower case are the same.
    text: Option<String>,
    /// The architecture, in the words of a package server or of a deployment server.
    architecture: Option<String>,
    /// A category, of the manifest or of the store.
    category: Option<String>,
    /// A tag, with its version or without.
    tag: Option<String>,
    /// The vendor in whose name the store offers it.
    vendor: Option<String>,
    /// How many things are to be on a page; without it, 100.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500)]
    limit: Option<Limit>,
    /// The `nextCursor` of the page before; without it, the first page.
    #[param(value_type = Option<String>)]
    cursor: Option<Text<Cursor>>,
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations
        .add(__path_list, list)
        .add(__path_show, show)
        .add(__path_releases, releases)
        .add(__path_remove, remove)
}

/// List packages
///
/// In the order of their ids.
#[utoipa::path(
    get, path = "/packages", tag = "packages", params(Wanted),
    responses((status = 200, description = "A page of packages.", body = Page<Package>)),
)]
async fn list(
    permit: Permit<ToRead>,
    Query(wanted): Query<Wanted>,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let offer = context.words.now(&context.store, &context.accounts).await?;
    answer(&context, asked, move || Ok(page(&offer.listing, &offer.words, wanted, permit.scope()))).await
}

/// Show a package
#[utoipa::path(
    get, path = "/packages/{id}", tag = "packages",
    params(("id" = String, Path, description = "The package's id.")),
    responses((status = 200, description = "The package.", body = Package), NotFound),
)]
async fn show(
    permit: Permit<ToRead>,
    Named(id): Named<PackageId>,
    _: NoQuery,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let offer = context.words.now(&context.store, &context.accounts).await?;
    answer(&context, asked, move || {
        let releases = offer.listing.of(&id);
        let found = permit.has(&id).then(|| Package::new(releases, &offer.words)).flatten();
        found.ok_or_else(|| Failure::unknown("package"))
    })
    .await
}

/// List the releases of a package
///
/// The one that was uploaded last comes first.
#[utoipa::path(
    get, path = "/packages/{id}/releases", tag = "packages",
    params(("id" = String, Path, description = "The package's id."), Paging),
    responses((status = 200, description = "A page of releases.", body = Page<ReleaseSummary>), NotFound),
)]
async fn releases(
    permit: Permit<ToRead>,
    Named(id): Named<PackageId>,
    Query(paging): Query<Paging>,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let offer = context.words.now(&context.store, &context.accounts).await?;
    answer(&context, asked, move || {
        let mut releases: Vec<&Known> = offer.listing.of(&id).iter().collect();
        if releases.is_empty() || !permit.has(&id) {
            return Err(Failure::unknown("package"));
        }
        releases.sort_unstable_by_key(|release| std::cmp::Reverse(release.sequence));
        Ok(paging.page(
            releases.into_iter(),
            |release, after| after.parse().is_ok_and(|after: u64| release.sequence.0 < after),
            |release| release.sequence.0.to_string(),
            |release| ReleaseSummary::new(release, &offer.words),
        ))
    })
    .await
}

/// Remove a package
///
/// With all its releases, for all architectures.
#[utoipa::path(
    delete, path = "/packages/{id}", tag = "packages",
    params(
        ("id" = String, Path, description = "The package's id."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the package must have."),
    ),
    responses((status = 204, description = "It is gone."), NotFound, Changed),
)]
async fn remove(
    permit: Permit<ToRemove>,
    author: Author,
    Named(id): Named<PackageId>,
    _: NoQuery,
    expected: Expected,
    State(context): State<Context>,
) -> Result<StatusCode, Failure> {
    let cause = author.cause();
    permit.check(&id).inspect_err(|_| context.note_out_of_scope(&id, &cause))?;
    let offer = context.words.now(&context.store, &context.accounts).await?;
    work(move || {
        let Some(package) = Package::new(offer.listing.of(&id), &offer.words) else {
            return Err(Failure::unknown("package"));
        };
        expected.check(&package)?;
        match context.store.remove_because(&id, None, Origin::Http, &cause)? {
            0 => Err(Failure::unknown("package")),
            _ => Ok(StatusCode::NO_CONTENT),
        }
    })
    .await
}

impl Package {
    /// The package of all releases of one id; none if there are none.
    fn new(releases: &[Known], words: &Words) -> Option<Self> {
        let latest = releases.iter().max_by_key(|release| release.sequence)?;
        let architectures: BTreeSet<&str> =
            releases.iter().map(|release| release.facts.architecture.as_str()).collect();
        Some(Self {
            id: latest.facts.id.to_string(),
            names: latest.facts.names.clone(),
            architectures: architectures.into_iter().map(str::to_owned).collect(),
            release_count: releases.len() as u64,
            size_bytes: releases.iter().map(|release| release.facts.package.size_bytes).sum(),
            latest: ReleaseSummary::new(latest, words),
        })
    }
}

fn page(listing: &Listing, words: &Words, mut wanted: Wanted, scope: Option<&PackageScope>) -> Page<Package> {
    let paging = Paging::new(wanted.limit, wanted.cursor.take());
    wanted.text = wanted.text.map(|text| text.to_lowercase());
    let prefix = wanted.id_prefix.as_deref().unwrap_or_default();
    let all = listing.releases();
    let start = all.partition_point(|release| release.facts.id.as_str() < prefix);
    let packages = all.get(start..).unwrap_or_default().chunk_by(|a, b| a.facts.id == b.facts.id);
    let meant = packages.filter_map(|releases| Some((releases, releases.first()?.facts.id.as_str())));
    let meant = meant
        .take_while(|(_, id)| id.starts_with(prefix))
        .filter(|(releases, _)| {
            scope.is_none_or(|scope| releases.first().is_some_and(|first| scope.has(&first.facts.id)))
        })
        .filter(|(releases, _)| releases.iter().any(|release| wanted.is(release, words)));
    let page = paging.page(
        meant,
        |(_, id), after| *id > after,
        |(_, id)| (*id).to_owned(),
        |(releases, _)| Package::new(releases, words),
    );
    // Each has a release.
    Page {
        items: page.items.into_iter().flatten().collect(),
        total: page.total,
        next_cursor: page.next_cursor,
    }
}

impl Wanted {
    /// Whether a release is everything that is asked for. The text is in lower case.
    fn is(&self, release: &Known, words: &Words) -> bool {
        let facts = &release.facts;
        let said = (self.category.is_some() || self.vendor.is_some()).then(|| words.about(release));
        let said_category =
            said.as_ref().and_then(|said| said.category).map(|category| category.name.as_str());
        let has = |wanted: &Option<String>, is: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(is);
        has(&self.architecture, &|architecture| {
            facts.architecture.as_str() == architecture
                || facts.deployment_architecture.as_ref().is_some_and(|token| token.as_str() == architecture)
        }) && has(&self.category, &|category| {
            facts.categories.iter().any(|other| other == category) || said_category == Some(category)
        }) && has(&self.vendor, &|vendor| said.as_ref().is_some_and(|said| said.vendor == vendor))
            && has(&self.tag, &|tag| {
                facts.tags.iter().zip(facts.tags.texts()).any(|(one, text)| one.name() == tag || text == tag)
            })
            && has(&self.text, &|text| {
                facts.id.as_str().to_lowercase().contains(text)
                    || facts.names.values().any(|name| name.to_lowercase().contains(text))
            })
    }
}
