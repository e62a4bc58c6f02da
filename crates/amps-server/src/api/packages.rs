//! `/packages`: what there is, by id.

use std::collections::{BTreeMap, BTreeSet};

use amps_core::{Listing, Origin, PackageId, Release as Known, Timestamp, accounts::PackageScope};
use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Context, Failure,
    author::Author,
    extract::{Named, NoQuery, Query, Text},
    operations::Operations,
    package_index::PackageIndex,
    package_order::{Place, Sort},
    paging::{Cursor, Limit, Page, Paging},
    problem::work,
    release::{AsOf, ReleaseSummary, Validity},
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
    /// Its descriptions by language, as the latest release has them; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    descriptions: Option<BTreeMap<String, String>>,
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
    /// Who signed as developer: somebody whose certificate is valid, expired or not yet valid, or nobody.
    signer: Option<SignerFilter>,
    /// The order; without it, that of the ids. The ids decide between packages that have the same place.
    sort: Option<Sort>,
    /// `true` for the order from its end.
    descending: Option<bool>,
    /// How many things are to be on a page; without it, 100.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500)]
    limit: Option<Limit>,
    /// The `nextCursor` of the page before, in the same order; without it, the first page.
    #[param(value_type = Option<String>)]
    cursor: Option<Text<Cursor>>,
}

/// Who signed a release as developer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum SignerFilter {
    Valid,
    Expired,
    NotYetValid,
    Unsigned,
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
/// In the order that is asked for.
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
    let shared = context.clone();
    answer(&context, asked, move || {
        let make = || Ok::<_, Failure>(PackageIndex::of(&offer.listing));
        let index = shared.index.of(offer.listing.generation(), make)?;
        page(&offer.listing, &index, shared.as_of(&offer.words), wanted, permit.scope())
    })
    .await
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
    let shared = context.clone();
    answer(&context, asked, move || {
        let releases = offer.listing.of(&id);
        let as_of = shared.as_of(&offer.words);
        let found = permit.has(&id).then(|| Package::described(releases, as_of)).flatten();
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
    let shared = context.clone();
    answer(&context, asked, move || {
        let as_of = shared.as_of(&offer.words);
        let mut releases: Vec<&Known> = offer.listing.of(&id).iter().collect();
        if releases.is_empty() || !permit.has(&id) {
            return Err(Failure::unknown("package"));
        }
        releases.sort_unstable_by_key(|release| std::cmp::Reverse(release.sequence));
        Ok(paging.page(
            releases.into_iter(),
            |release, after| after.parse().is_ok_and(|after: u64| release.sequence.0 < after),
            |release| release.sequence.0.to_string(),
            |release| ReleaseSummary::new(release, as_of),
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
        let as_of = context.as_of(&offer.words);
        let Some(package) = Package::described(offer.listing.of(&id), as_of) else {
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
    fn new(releases: &[Known], as_of: AsOf<'_>) -> Option<Self> {
        let latest = releases.iter().max_by_key(|release| release.sequence)?;
        let architectures: BTreeSet<&str> =
            releases.iter().map(|release| release.facts.architecture.as_str()).collect();
        Some(Self {
            id: latest.facts.id.to_string(),
            names: latest.facts.names.clone(),
            architectures: architectures.into_iter().map(str::to_owned).collect(),
            release_count: releases.len() as u64,
            size_bytes: releases.iter().map(|release| release.facts.package.size_bytes).sum(),
            latest: ReleaseSummary::new(latest, as_of),
            descriptions: None,
        })
    }

    /// The same with its descriptions.
    fn described(releases: &[Known], as_of: AsOf<'_>) -> Option<Self> {
        let latest = releases.iter().max_by_key(|release| release.sequence)?;
        let descriptions = Some(latest.facts.descriptions.clone());
        Some(Self { descriptions, ..Self::new(releases, as_of)? })
    }
}

fn page(
    listing: &Listing,
    index: &PackageIndex,
    as_of: AsOf<'_>,
    mut wanted: Wanted,
    scope: Option<&PackageScope>,
) -> Result<Page<Package>, Failure> {
    let paging = Paging::new(wanted.limit, wanted.cursor.take());
    wanted.text = wanted.text.map(|text| text.to_lowercase());
    let prefix = wanted.id_prefix.clone().unwrap_or_default();
    let (sort, is_descending) = (wanted.sort.unwrap_or_default(), wanted.descending.unwrap_or(false));
    let ordered = index.ordered(listing, sort);
    let beyond = match paging.after() {
        None => 0..ordered.len(),
        Some(text) => {
            let place = Place::parse(sort, is_descending, text).ok_or_else(|| {
                let detail = "this cursor is not of this order: expected the `nextCursor` of a page in it";
                Failure::field("invalid-parameter", "cursor", detail)
            })?;
            ordered.beyond(&place)
        }
    };
    let key = |rank: &usize| Place::text(sort, is_descending, ordered.package(*rank).1);
    let page = if scope.is_none() && wanted.is_anything() {
        paging.page_of_ranks(ordered.len(), beyond, is_descending, key)
    } else {
        let last = ordered.len().saturating_sub(1);
        let ranks = (0..ordered.len()).map(|rank| if is_descending { last - rank } else { rank });
        let meant = ranks.filter(|rank| {
            let (start, releases) = ordered.package(*rank);
            releases.first().is_some_and(|first| {
                let id = &first.facts.id;
                id.as_str().starts_with(&prefix) && scope.is_none_or(|scope| scope.has(id))
            }) && (start..)
                .zip(releases)
                .any(|(place, release)| wanted.is(release, || index.text(place), as_of.words, as_of.now))
        });
        paging.page(meant, |rank, _| beyond.contains(rank), key, |rank| rank)
    };
    // Each has a release.
    let package = |rank| Package::new(ordered.package(rank).1, as_of);
    Ok(Page {
        items: page.items.into_iter().filter_map(package).collect(),
        total: page.total,
        next_cursor: page.next_cursor,
    })
}

impl Wanted {
    /// Whether every package is meant: then nobody has to look at them to count them.
    fn is_anything(&self) -> bool {
        let Self {
            id_prefix,
            text,
            architecture,
            category,
            tag,
            vendor,
            signer,
            sort: _,
            descending: _,
            limit: _,
            cursor: _,
        } = self;
        signer.is_none()
            && [id_prefix, text, architecture, category, tag, vendor].into_iter().all(Option::is_none)
    }

    /// Whether a release is everything that is asked for. The texts, that it is found by and that is looked for, are in lower case.
    fn is<'i>(&self, release: &Known, text: impl Fn() -> &'i str, words: &Words, now: Timestamp) -> bool {
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
            && self.signer.is_none_or(|signer| signer == SignerFilter::of(release, now))
            && has(&self.text, &|wanted| text().contains(wanted))
    }
}

impl SignerFilter {
    fn of(release: &Known, now: Timestamp) -> Self {
        match release.facts.developer.as_ref().map(|signer| Validity::of(signer, now)) {
            None => Self::Unsigned,
            Some(Validity::Valid) => Self::Valid,
            Some(Validity::Expired) => Self::Expired,
            Some(Validity::NotYetValid) => Self::NotYetValid,
        }
    }
}
