//! `app/icons/<id>_<architecture>_<tags>`: the icon of a release, under the name that lists give it.

use amps_core::{DeviceView, Listing, PackageId, Release};
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{Context, app_icon::shown, app_list::icon_name, session::Visitor};
use crate::{
    access::{Permit, ToRead},
    answer::{Problem, blocking},
    content::Asked,
};

pub(super) async fn answer(
    permit: Permit<ToRead>,
    State(context): State<Context>,
    visitor: Visitor,
    asked: Asked,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let view = visitor.view(&context).await?;
    let store = context.store.clone();
    let icon = blocking(move || {
        let listing = store.listing()?;
        let Some(release) = named(&listing, &name, &view, &permit) else {
            return Err(Problem::unknown("icon"));
        };
        store.icon_of(release)?.ok_or(Problem::unknown("icon"))
    });
    Ok(shown(icon.await?, &asked, &context))
}

/// The release of a name. Ids, architectures and tags may have `_` in them, so each place where the id may end is tried. Versions
/// are not in the name: of several, the one that the device gets counts, else the one that was uploaded last.
fn named<'l>(
    listing: &'l Listing,
    name: &str,
    view: &DeviceView,
    permit: &Permit<ToRead>,
) -> Option<&'l Release> {
    let mut ids = name.match_indices('_').filter_map(|(at, _)| name.get(..at)?.parse::<PackageId>().ok());
    ids.find_map(|id| {
        if !permit.has(&id) {
            return None;
        }
        let has_name = |release: &&Release| icon_name(release) == name;
        let offered = listing.visible_of(&id, view).filter(has_name);
        offered.or_else(|| listing.of(&id).iter().filter(has_name).max_by_key(|release| release.sequence))
    })
}
