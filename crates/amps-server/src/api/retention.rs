//! `/retention`: which releases are kept, what that would remove, and removing it.

use std::{num::NonZero, sync::Arc, time::Duration};

use amps_core::{Because, Removal, RetentionPlan, RetentionPolicy, Survivor};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Context, Failure,
    author::Author,
    extract::{JsonBody, NoQuery},
    operations::Operations,
    problem::work,
    representation::{answer, time},
    responses::{Conflict, MediaType, TimedOut, TooLarge},
};
use crate::{
    access::{Permit, ToAdmin},
    config_retention::{MOST_BYTES, MOST_DAYS, MOST_VERSIONS},
    content::Asked,
};

/// Releases that a plan names, inclusive; how many there are is told.
const NAMED: usize = 1000;
const DAY_SECONDS: u64 = 24 * 60 * 60;

/// Which releases are kept: the fields of `retention` in the configuration. What is missing or null is no reason to remove anything.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Rules {
    /// How many releases stay of each id, architecture and set of tags: those with the newest versions.
    #[schema(minimum = 1, maximum = 1_000_000)]
    versions: Option<u32>,
    /// How many days old a release may become.
    #[schema(minimum = 1, maximum = 36_500)]
    age_days: Option<u64>,
    /// How many bytes the packages and icons of all releases may have together.
    #[schema(minimum = 1, maximum = 1_125_899_906_842_624_u64)]
    total_bytes: Option<u64>,
    /// Whether age and size may also take what devices are shown; without it, `keep`.
    newest: Option<Newest>,
}

/// What becomes of the releases that devices are shown.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Newest {
    /// They stay, whatever their age and size.
    Keep,
    /// They go like others.
    Remove,
}

/// Rules that are to be carried out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Run {
    /// See the plan.
    #[schema(minimum = 1, maximum = 1_000_000)]
    versions: Option<u32>,
    /// See the plan.
    #[schema(minimum = 1, maximum = 36_500)]
    age_days: Option<u64>,
    /// See the plan.
    #[schema(minimum = 1, maximum = 1_125_899_906_842_624_u64)]
    total_bytes: Option<u64>,
    /// See the plan.
    newest: Option<Newest>,
    /// How many releases are to go: the plan's `releaseCount`.
    expected_releases: u64,
}

/// What rules do to the releases that there are.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Plan {
    /// What goes, the one that was uploaded first before the others; at most 1,000 of them.
    releases: Vec<Goner>,
    /// How many go.
    release_count: u64,
    /// How many would go, but are being downloaded or may still be fetched by somebody who has bought them.
    held_releases: u64,
    /// Bytes that packages and icons then take less.
    freed_bytes: u64,
    /// How many stay.
    kept_releases: u64,
}

/// A release that goes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Goner {
    /// Its number.
    sequence: u64,
    /// The package's id.
    id: String,
    /// Its version.
    version: String,
    /// Its architecture.
    architecture: String,
    /// Bytes of its package.
    size_bytes: u64,
    /// When it was uploaded.
    #[schema(format = DateTime)]
    uploaded_at: String,
    /// Why.
    reason: Reason,
}

/// Why a release goes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Reason {
    /// There are enough newer versions.
    Versions,
    /// It is too old.
    Age,
    /// All together are too large.
    Size,
    /// For a reason that this API has no word for yet.
    Other,
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations.add(__path_show, show).add(__path_plan, plan).add(__path_run, run)
}

/// Tell which releases are kept
///
/// As the server is configured; null if everything is.
#[utoipa::path(
    get, path = "/retention", tag = "retention",
    responses((status = 200, description = "The rules.", body = Option<Rules>)),
)]
async fn show(
    _: Permit<ToAdmin>,
    _: NoQuery,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let policy = context.settings.retention;
    answer(&context, asked, move || Ok((!policy.is_everything()).then(|| Rules::of(&policy)))).await
}

/// Tell what rules would remove
///
/// Those of the body, or, if it is empty, those of the configuration. Nothing is changed.
#[utoipa::path(
    post, path = "/retention/plan", tag = "retention", request_body = Rules,
    responses((status = 200, description = "What would go.", body = Plan), TooLarge, MediaType, TimedOut),
)]
async fn plan(
    _: Permit<ToAdmin>,
    _: NoQuery,
    State(context): State<Context>,
    rules: Option<JsonBody<Rules>>,
) -> Result<Json<Plan>, Failure> {
    let policy = rules.map(|JsonBody(rules)| rules).unwrap_or_default().policy(&context)?;
    work(move || {
        let purchased = context.accounts.purchased(context.clock.now())?;
        let plan = context.store.retention_plan(&policy, &purchased)?;
        Ok(Json(Plan::of(&plan, context.store.listing()?.releases().len() - plan.removals.len())))
    })
    .await
}

/// Remove what rules remove
///
/// If it is as many releases as are expected; else 409, and nothing is changed. What somebody begins to download in the meantime
/// stays.
#[utoipa::path(
    post, path = "/retention/run", tag = "retention", request_body = Run,
    responses((status = 200, description = "What is gone.", body = Plan), Conflict, TooLarge, MediaType, TimedOut),
)]
async fn run(
    _: Permit<ToAdmin>,
    author: Author,
    _: NoQuery,
    State(context): State<Context>,
    JsonBody(run): JsonBody<Run>,
) -> Result<Json<Plan>, Failure> {
    let Run { versions, age_days, total_bytes, newest, expected_releases } = run;
    let policy = Rules { versions, age_days, total_bytes, newest }.policy(&context)?;
    let cause = author.cause();
    let _changing = Arc::clone(&context.changing).lock_owned().await;
    work(move || {
        let purchased = context.accounts.purchased(context.clock.now())?;
        let planned = context.store.retention_plan(&policy, &purchased)?.removals.len() as u64;
        if planned != expected_releases {
            let detail = format!("{planned} releases would go: expected {expected_releases}");
            return Err(Failure::new(StatusCode::CONFLICT, "other-plan", detail));
        }
        let plan = context.store.retain_because(&policy, &purchased, &cause)?;
        Ok(Json(Plan::of(&plan, context.store.listing()?.releases().len())))
    })
    .await
}

impl Rules {
    fn of(policy: &RetentionPolicy) -> Self {
        Self {
            versions: policy.versions.map(NonZero::get),
            age_days: policy.age.map(|age| age.as_secs() / DAY_SECONDS),
            total_bytes: policy.total_bytes,
            newest: Some(match policy.survivor {
                Survivor::Newest => Newest::Keep,
                Survivor::None => Newest::Remove,
            }),
        }
    }

    /// The policy that they are; the server's, if there are none.
    fn policy(&self, context: &Context) -> Result<RetentionPolicy, Failure> {
        let Self { versions, age_days, total_bytes, newest } = *self;
        if versions.is_none() && age_days.is_none() && total_bytes.is_none() && newest.is_none() {
            return Ok(context.settings.retention);
        }
        within("versions", versions.map(u64::from), MOST_VERSIONS.into())?;
        within("ageDays", age_days, MOST_DAYS.into())?;
        within("totalBytes", total_bytes, MOST_BYTES)?;
        Ok(RetentionPolicy {
            versions: versions.and_then(NonZero::new),
            age: age_days.map(|days| Duration::from_secs(days * DAY_SECONDS)),
            total_bytes,
            survivor: match newest {
                Some(Newest::Remove) => Survivor::None,
                Some(Newest::Keep) | None => Survivor::Newest,
            },
        })
    }
}

fn within(field: &str, found: Option<u64>, most: u64) -> Result<(), Failure> {
    match found {
        Some(found) if !(1..=most).contains(&found) => {
            let detail = format!("`{field}` is `{found}`: expected a number from 1 to {most}");
            Err(Failure::field("invalid-body", field, detail))
        }
        _ => Ok(()),
    }
}

impl Plan {
    fn of(plan: &RetentionPlan, kept: usize) -> Self {
        Self {
            releases: plan.removals.iter().take(NAMED).map(Goner::of).collect(),
            release_count: plan.removals.len() as u64,
            held_releases: plan.spared.len() as u64,
            freed_bytes: plan.bytes_before.saturating_sub(plan.bytes_after),
            kept_releases: kept as u64,
        }
    }
}

impl Goner {
    fn of(removal: &Removal) -> Self {
        let facts = &removal.release.facts;
        Self {
            sequence: removal.release.sequence.0,
            id: facts.id.to_string(),
            version: facts.version.clone(),
            architecture: facts.architecture.to_string(),
            size_bytes: facts.package.size_bytes,
            uploaded_at: time(facts.uploaded_at),
            reason: match removal.because {
                Because::Versions => Reason::Versions,
                Because::Age => Reason::Age,
                Because::TotalBytes => Reason::Size,
                _ => Reason::Other,
            },
        }
    }
}
