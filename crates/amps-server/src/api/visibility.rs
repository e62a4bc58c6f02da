//! `/packages/{id}/visibility`: what a device would get, and why not the others.

use amps_arch::{DeploymentServerToken, PackageServerToken, normalise_abi};
use amps_core::{Decision, DeploymentDevice, DeviceView, PackageId, decide};
use amps_tags::{MAX_TAGS, Tag, TagList, TagRule};
use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Context, Failure,
    extract::{Named, Query},
    operations::Operations,
    releases::device,
    representation::answer,
    responses::NotFound,
};
use crate::{
    access::{Permit, ToRead},
    content::Asked,
};

/// A device.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct Device {
    /// Which server it would ask; without it, the package server.
    dialect: Option<Dialect>,
    /// Its architecture; without it, it gets what runs everywhere.
    architecture: Option<String>,
    /// The tags that it states to a deployment server, with commas in between.
    tags: Option<String>,
    /// The tags that it does not go together with, likewise.
    conflicts: Option<String>,
    /// What tells it from others: the download would be signed for it.
    #[param(min_length = 1)]
    hardware_id: Option<String>,
}

/// Which server a device speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Dialect {
    PackageServer,
    DeploymentServer,
}

/// What a device would get of a package.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Visibility {
    /// Which server it would ask.
    dialect: Dialect,
    /// The number of the release that it would get, if any.
    offered: Option<u64>,
    /// For whom the store would sign it.
    signature: Signature,
    /// Each release, and why it is what the device gets, or is not.
    releases: Vec<Verdict>,
}

/// For whom the store signs.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Signature {
    /// It does not sign.
    None,
    AnyDevice,
    ThisDevice,
}

/// What is decided about a release.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    /// Its number.
    sequence: u64,
    /// Its version.
    version: String,
    /// Its architecture, in the words of a package server.
    architecture: String,
    /// What is decided.
    decision: DecisionWord,
    /// The same for people.
    reason: String,
}

/// What is decided about a release. If there are several reasons against it, the first in this order.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum DecisionWord {
    Offered,
    OtherArchitecture,
    MalformedTags,
    Tags,
    NativePreferred,
    NewerPreferred,
    MoreSpecificPreferred,
    Superseded,
    /// For a reason that this API has no word for yet.
    Other,
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations.add(__path_show, show)
}

/// Tell what a device would get
///
/// And for each release of the package, why.
#[utoipa::path(
    get, path = "/packages/{id}/visibility", tag = "packages",
    params(("id" = String, Path, description = "The package's id."), Device),
    responses((status = 200, description = "What is decided.", body = Visibility), NotFound),
)]
async fn show(
    permit: Permit<ToRead>,
    Named(id): Named<PackageId>,
    Query(asks): Query<Device>,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let dialect = asks.dialect.unwrap_or(Dialect::PackageServer);
    let rule =
        context.settings.deployment.as_ref().map_or_else(TagRule::default, |settings| settings.tag_rule);
    let view = view(&asks, dialect, rule)?;
    let for_device = device(asks.hardware_id)?.is_some();
    let (store, facts) = (context.store.clone(), context.facts.clone());
    answer(&context, asked, move || {
        let listing = store.listing()?;
        let releases = listing.of(&id);
        if releases.is_empty() || !permit.has(&id) {
            return Err(Failure::unknown("package"));
        }
        let decisions: Vec<_> = decide(releases, &view).collect();
        let offered = decisions.iter().find(|(_, decision)| *decision == Decision::Offered);
        Ok(Visibility {
            dialect,
            offered: offered.map(|(release, _)| release.sequence.0),
            signature: match (facts.signs_downloads, for_device) {
                (false, _) => Signature::None,
                (true, false) => Signature::AnyDevice,
                (true, true) => Signature::ThisDevice,
            },
            releases: decisions
                .iter()
                .map(|(release, decision)| Verdict {
                    sequence: release.sequence.0,
                    version: release.facts.version.clone(),
                    architecture: release.facts.architecture.to_string(),
                    decision: word(decision),
                    reason: decision.to_string(),
                })
                .collect(),
        })
    })
    .await
}

fn view(asks: &Device, dialect: Dialect, rule: TagRule) -> Result<DeviceView, Failure> {
    let invalid = |field: &'static str| {
        move |error: &dyn std::fmt::Display| Failure::field("invalid-parameter", field, error.to_string())
    };
    let architecture = asks.architecture.as_deref().filter(|text| !text.is_empty());
    if dialect == Dialect::PackageServer {
        for (field, value) in [("tags", &asks.tags), ("conflicts", &asks.conflicts)] {
            if value.is_some() {
                return Err(invalid(field)(
                    &"a package server knows no tags: expected `dialect=deployment-server`",
                ));
            }
        }
        let architecture = architecture.map(str::parse::<PackageServerToken>).transpose();
        return Ok(DeviceView::package_server(
            architecture.map_err(|error| invalid("architecture")(&error))?,
        ));
    }
    let normal = |abi: &str| normalise_abi(abi).or_else(|_| abi.parse::<DeploymentServerToken>());
    let architecture =
        architecture.map(normal).transpose().map_err(|error| invalid("architecture")(&error))?;
    Ok(DeviceView::DeploymentServer(DeploymentDevice {
        architecture,
        tags: list(asks.tags.as_deref()).map_err(|error| invalid("tags")(&error))?,
        conflicts: list(asks.conflicts.as_deref()).map_err(|error| invalid("conflicts")(&error))?,
        rule,
    }))
}

fn list(text: Option<&str>) -> Result<TagList, amps_tags::Error> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(TagList::default()) };
    let tags = text.split(',').take(MAX_TAGS + 1).map(str::parse::<Tag>);
    TagList::of(tags.collect::<Result<Vec<_>, _>>()?)
}

fn word(decision: &Decision<'_>) -> DecisionWord {
    match decision {
        Decision::Offered => DecisionWord::Offered,
        Decision::OtherArchitecture => DecisionWord::OtherArchitecture,
        Decision::MalformedTags { .. } => DecisionWord::MalformedTags,
        Decision::Tags(_) => DecisionWord::Tags,
        Decision::NativePreferred => DecisionWord::NativePreferred,
        Decision::NewerPreferred => DecisionWord::NewerPreferred,
        Decision::MoreSpecificPreferred => DecisionWord::MoreSpecificPreferred,
        Decision::Superseded => DecisionWord::Superseded,
        _ => DecisionWord::Other,
    }
}
