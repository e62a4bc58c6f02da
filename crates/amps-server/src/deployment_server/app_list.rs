//! `app/list`: the packages that the session's device may see.

use amps_core::{Release, visible};
use axum::{extract::State, response::Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, Serializer as _};

use super::{
    Context, Parameters,
    asked_at::AskedAt,
    lists::{Subject, Wanted},
    offer::{Offer, name},
    session::Visitor,
};
use crate::{answer::Problem, content::Asked};

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
    tags: Vec<String>,
    #[serde(rename = "conflict_tags")]
    conflict_tags: Vec<String>,
    icon_url: String,
}

pub(super) async fn answer(
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
    let list = context.lists.about(&context, subject, list).await?;
    Ok(list.content(&asked).await?.answer(&asked, &context.buffers))
}

/// The packages of a subject.
fn list(offer: &Offer, subject: &Subject) -> Result<Vec<u8>, Problem> {
    let items = visible(offer.listing.releases(), &subject.view)
        .filter(|release| is_in(offer, release, subject.category))
        .filter(|release| {
            subject.filter.as_ref().is_none_or(|filter| name(release).to_lowercase().contains(filter))
        })
        .map(|release| item(offer, release, subject));
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
fn is_in(offer: &Offer, release: &Release, wanted: Wanted) -> bool {
    match wanted {
        Wanted::All => true,
        Wanted::One(id) => {
            offer.category(release).is_some_and(|category| i64::try_from(category.id.0) == Ok(id))
        }
        Wanted::Impossible => false,
    }
}

fn item<'r>(offer: &'r Offer, release: &'r Release, subject: &Subject) -> Item<'r> {
    let facts = &release.facts;
    let category = offer.category(release);
    Item {
        id: facts.id.as_str(),
        name: name(release),
        vendor: offer.vendor(release),
        brief_description: offer.brief_description(release),
        category: category.map_or("", |category| category.name.as_str()),
        category_id: category.map_or(ALL, |category| i64::try_from(category.id.0).unwrap_or(i64::MAX)),
        architecture: architecture(release),
        version: if facts.version.is_empty() { NO_VERSION } else { &facts.version },
        pkgformat: facts.format_version,
        purchase_id: release.sequence.0,
        tags: facts.tags.iter().map(|tag| tag.to_string()).collect(),
        conflict_tags: facts.conflicts.iter().map(|tag| tag.to_string()).collect(),
        icon_url: format!("{}app/icons/{}", subject.base_url, utf8_percent_encode(&icon_name(release), PATH)),
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
