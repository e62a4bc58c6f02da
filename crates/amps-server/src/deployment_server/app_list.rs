//! `app/list`: the packages that the session's device may see.

use std::sync::Arc;

use amps_core::{Release, TagList, accounts::PackageScope};
use axum::{extract::State, response::Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, Serializer};

use super::{
    Context, Parameters,
    asked_at::AskedAt,
    lists::{Subject, Wanted},
    offer::{Offer, Said, name},
    session::Visitor,
};
use crate::{
    access::{Permit, ToRead},
    answer::{Problem, blocking},
    content::Asked,
    prepared::Prepared,
};

/// The category that all packages are in, as the Django server numbers it.
const ALL: i64 = -1;
/// What the Django server calls the version of a package without one.
const NO_VERSION: &str = "0.0.0";
/// What may stand in the path of a URL as it is (RFC 3986, section 3.3), without `_`, which separates.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'~').remove(b'_').remove(b':').remove(b',');

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'r> {
    id: &'r str,
    name: &'r str,
    vendor: &'r str,
    brief_description: &'r str,
    category: &'r str,
    #[serde(rename = "category_id")]
    category_id: i64,
    architecture: &'r str,
    version: &'r str,
    pkgformat: i32,
    purchase_id: u64,
    tags: Tags<'r>,
    #[serde(rename = "conflict_tags")]
    conflict_tags: Tags<'r>,
    icon_url: IconUrl<'r>,
}

/// A list of tags.
struct Tags<'r>(&'r TagList);

impl Serialize for Tags<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.texts())
    }
}

/// Where the icon of a release is.
struct IconUrl<'r> {
    base_url: &'r str,
    release: &'r Release,
}

impl Serialize for IconUrl<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let url =
            format!("{}app/icons/{}", self.base_url, utf8_percent_encode(&icon_name(self.release), PATH));
        serializer.serialize_str(&url)
    }
}

pub(super) async fn answer(
    permit: Permit<ToRead>,
    State(context): State<Context>,
    visitor: Visitor,
    asked_at: AskedAt,
    asked: Asked,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let subject = Subject {
        view: visitor.view(&context).await?,
        category: wanted(parameters.filled("category_id")),
        filter: parameters.filled("filter").map(str::to_lowercase),
        base_url: asked_at.base_url()?,
    };
    let list = if permit.scope().is_none() {
        context.lists.about(&context, subject, |offer, subject| list(offer, subject, None)).await?
    } else {
        let offer = context.offers.now(&context.store, &context.accounts).await?;
        blocking(move || Ok(Arc::new(Prepared::new(list(&offer, &subject, permit.scope())?)))).await?
    };
    Ok(list.content(&asked).await?.answer(&asked, &context.buffers))
}

/// The packages of a subject; with a scope those that are in it.
fn list(offer: &Offer, subject: &Subject, scope: Option<&PackageScope>) -> Result<Vec<u8>, Problem> {
    let items = offer
        .listing
        .visible(&subject.view)
        .filter(|release| scope.is_none_or(|scope| scope.has(&release.facts.id)))
        .map(|release| (release, offer.words.about(release)))
        .filter(|(_, said)| is_in(said, subject.category))
        .filter(|(release, _)| {
            subject.filter.as_ref().is_none_or(|filter| name(release).to_lowercase().contains(filter))
        })
        .map(|(release, said)| item(release, &said, subject));
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut text);
    serializer.collect_seq(items).map_err(|error| Problem::internal(&error))?;
    Ok(text)
}

/// Which category a parameter asks for.
fn wanted(category_id: Option<&str>) -> Wanted {
    match category_id.map(str::parse) {
        None | Some(Ok(ALL)) => Wanted::All,
        Some(Ok(id)) => Wanted::One(id),
        Some(Err(_)) => Wanted::Impossible,
    }
}

/// Whether a release is in the category that is asked for.
fn is_in(said: &Said<'_>, wanted: Wanted) -> bool {
    match wanted {
        Wanted::All => true,
        Wanted::One(id) => said.category.is_some_and(|category| i64::try_from(category.id.0) == Ok(id)),
        Wanted::Impossible => false,
    }
}

fn item<'r>(release: &'r Release, said: &Said<'r>, subject: &'r Subject) -> Item<'r> {
    let (facts, category) = (&release.facts, said.category);
    Item {
        id: facts.id.as_str(),
        name: name(release),
        vendor: said.vendor,
        brief_description: said.brief_description,
        category: category.map_or("", |category| category.name.as_str()),
        category_id: category.map_or(ALL, |category| i64::try_from(category.id.0).unwrap_or(i64::MAX)),
        architecture: architecture(release),
        version: if facts.version.is_empty() { NO_VERSION } else { &facts.version },
        pkgformat: facts.format_version,
        purchase_id: release.sequence.0,
        tags: Tags(&facts.tags),
        conflict_tags: Tags(&facts.conflicts),
        icon_url: IconUrl { base_url: &subject.base_url, release },
    }
}

/// What the deployment server calls a release's architecture.
fn architecture(release: &Release) -> &str {
    release.facts.deployment_architecture.as_ref().map_or("", |token| token.as_str())
}

/// What stands behind `app/icons/` for a release.
pub(super) fn icon_name(release: &Release) -> String {
    let facts = &release.facts;
    format!("{}_{}_{}", facts.id, architecture(release), facts.tags)
}
