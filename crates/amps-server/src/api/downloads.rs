//! `/packages/{id}/downloads`: how often a package was downloaded, day by day.

use std::collections::BTreeMap;

use amps_core::{DOWNLOAD_DAYS, Day, PackageId};
use axum::{extract::State, response::Response};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::{IntoParams, ToSchema};

use super::{
    Context, Failure,
    extract::{Named, Query},
    operations::Operations,
    representation::{answer, time},
    responses::NotFound,
};
use crate::{
    access::{Permit, ToRead},
    content::Asked,
};

/// Days if nobody says how many.
const USUAL_DAYS: u16 = 90;

/// Which days.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How many days, up to today; without it, 90.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 400)]
    days: Option<Days>,
}

struct Days(u16);

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let days = u16::deserialize(deserializer)?;
        if (1..=DOWNLOAD_DAYS).contains(&days) {
            Ok(Self(days))
        } else {
            let message =
                format!("`{days}` is not a number of days: expected a number from 1 to {DOWNLOAD_DAYS}");
            Err(D::Error::custom(message))
        }
    }
}

/// How often a package was downloaded.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Downloads {
    /// Each day in UTC, also those without downloads, up to today.
    days: Vec<DayOfDownloads>,
    /// How often each release was downloaded on these days; only those that were, the latest first.
    per_release: Vec<DownloadsOfRelease>,
    /// How often all of them were.
    total: u64,
}

/// A day.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DayOfDownloads {
    /// The day.
    #[schema(format = Date)]
    date: String,
    /// How often the package was downloaded.
    downloads: u64,
}

/// A release.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DownloadsOfRelease {
    /// Its number.
    sequence: u64,
    /// Its version; null if it is gone.
    version: Option<String>,
    /// How often it was downloaded.
    downloads: u64,
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations.add(__path_show, show)
}

/// Tell how often a package was downloaded
///
/// By devices and by this API: whoever gets the first byte counts once.
#[utoipa::path(
    get, path = "/packages/{id}/downloads", tag = "packages",
    params(("id" = String, Path, description = "The package's id."), Wanted),
    responses((status = 200, description = "Its downloads.", body = Downloads), NotFound),
)]
async fn show(
    permit: Permit<ToRead>,
    Named(id): Named<PackageId>,
    Query(wanted): Query<Wanted>,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let days = wanted.days.map_or(USUAL_DAYS, |days| days.0);
    let shared = context.clone();
    answer(&context, asked, move || {
        let listing = shared.store.listing()?;
        let releases = listing.of(&id);
        if releases.is_empty() || !permit.has(&id) {
            return Err(Failure::unknown("package"));
        }
        let today = Day::of(shared.clock.now());
        let (mut by_day, mut by_release) = (BTreeMap::<_, u64>::new(), BTreeMap::<_, u64>::new());
        for daily in shared.store.downloads_of(&id, days)? {
            *by_day.entry(daily.day).or_default() += daily.downloads;
            *by_release.entry(daily.release).or_default() += daily.downloads;
        }
        let version = |sequence| {
            let release = releases.iter().find(|release| release.sequence == sequence);
            release.map(|release| release.facts.version.clone())
        };
        Ok(Downloads {
            total: by_release.values().sum(),
            days: (0..days)
                .rev()
                .map(|ago| today.before(ago))
                .map(|day| DayOfDownloads {
                    date: time(day.begin()).split('T').next().unwrap_or_default().to_owned(),
                    downloads: by_day.get(&day).copied().unwrap_or(0),
                })
                .collect(),
            per_release: by_release
                .into_iter()
                .rev()
                .map(|(release, downloads)| DownloadsOfRelease {
                    sequence: release.0,
                    version: version(release),
                    downloads,
                })
                .collect(),
        })
    })
    .await
}
